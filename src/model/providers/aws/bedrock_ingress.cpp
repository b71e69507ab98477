#include "model/providers/aws/bedrock_ingress.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/json_edit.h"
#include "base/text.h"
#include "model/providers/cloud_error.h"
#include "net/eventstream/eventstream.h"

namespace weir::model {
namespace {

constexpr std::string_view kPadding = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::size_t kPaddedTo = 48;
constexpr std::string_view kMetrics = "amazon-bedrock-invocationMetrics";

struct Exception {
  std::string_view anthropic;  // the error's type
  std::string_view bedrock;    // its exception, as x-amzn-errortype spells it
  int status;
};

constexpr std::array kExceptions{
    Exception{"authentication_error", "AccessDeniedException", 403},
    Exception{"billing_error", "AccessDeniedException", 403},
    Exception{"conflict_error", "ConflictException", 400},
    Exception{"invalid_request_error", "ValidationException", 400},
    Exception{"not_found_error", "ResourceNotFoundException", 404},
    Exception{"overloaded_error", "ServiceUnavailableException", 503},
    Exception{"permission_error", "AccessDeniedException", 403},
    Exception{"rate_limit_error", "ThrottlingException", 429},
    Exception{"request_too_large", "ValidationException", 400},
    Exception{"timeout_error", "ModelTimeoutException", 408},
};
constexpr Exception kOtherError{"api_error", "InternalServerException", 500};

Exception exception_of(std::string_view type) {
  const auto known = std::ranges::find(kExceptions, type, &Exception::anthropic);
  return known == kExceptions.end() ? kOtherError : *known;
}

std::string message_body(std::string_view message) {
  std::string out = R"({"message":)";
  append_json_string(out, message);
  return out + "}";
}

// The exceptions that a stream can end with are fewer than those of an answer (botocore, ResponseStream).
std::string_view stream_exception(std::string_view type) {
  const std::string_view name = exception_of(type).bedrock;
  if (name == "ThrottlingException") return "throttlingException";
  if (name == "ServiceUnavailableException") return "serviceUnavailableException";
  if (name == "ModelTimeoutException") return "modelTimeoutException";
  if (name == "InternalServerException") return "internalServerException";
  return "validationException";
}

Result<> append_json_frame(std::string& out, std::string_view kind_name, std::string_view kind,
                           std::string_view message_type, std::string_view payload) {
  net::Frame frame;
  frame.headers = {{.name = kind_name, .bytes = kind},
                   {.name = ":content-type", .bytes = "application/json"},
                   {.name = ":message-type", .bytes = message_type}};
  frame.payload = payload;
  return net::append_frame(out, frame);
}

// "p" pads as Bedrock's does, so that sizes on the wire do not tell the lengths of words.
Result<> append_chunk(std::string& out, std::string_view event) {
  std::string payload = R"({"bytes":")" + to_base64(event) + R"(","p":")";
  payload += kPadding.substr(0, kPaddedTo - payload.size() % kPaddedTo);
  payload += "\"}";
  return append_json_frame(out, ":event-type", "chunk", "event", payload);
}

Result<> append_exception(std::string& out, std::string_view type, std::string_view message) {
  return append_json_frame(out, ":exception-type", stream_exception(type), "exception",
                           message_body(message));
}

void read_count(const json::value& usage, std::string_view name, std::int64_t& count) {
  const json::value* value = find_member(usage, name);
  if (value != nullptr && value->is_int64()) count = value->get_int64();
}

void read_usage(const json::value* usage, BedrockCounts& counts) {
  if (usage == nullptr) return;
  read_count(*usage, "input_tokens", counts.input);
  read_count(*usage, "output_tokens", counts.output);
  read_count(*usage, "cache_read_input_tokens", counts.cache_read);
  read_count(*usage, "cache_creation_input_tokens", counts.cache_write);
}

std::int64_t milliseconds(std::chrono::nanoseconds duration) {
  return duration / std::chrono::milliseconds(1);
}

}  // namespace

net::Headers bedrock_reply_fields(std::string_view message, std::string_view request_id,
                                  std::chrono::nanoseconds latency) {
  net::Headers fields{{"content-type", "application/json"}, {"x-amzn-requestid", request_id}};
  fields.add("x-amzn-bedrock-invocation-latency", std::to_string(milliseconds(latency)));
  const auto parsed = parse_json(message);
  const json::value* usage = parsed ? find_member(*parsed, "usage") : nullptr;
  if (usage == nullptr) return fields;
  BedrockCounts counts;
  read_usage(usage, counts);
  fields.add("x-amzn-bedrock-input-token-count", std::to_string(counts.input));
  fields.add("x-amzn-bedrock-output-token-count", std::to_string(counts.output));
  fields.add("x-amzn-bedrock-cache-read-input-token-count", std::to_string(counts.cache_read));
  fields.add("x-amzn-bedrock-cache-write-input-token-count", std::to_string(counts.cache_write));
  return fields;
}

net::Headers bedrock_stream_fields(std::string_view request_id) {
  return {{"content-type", kEventStreamType},
          {"x-amzn-requestid", request_id},
          {"x-amzn-bedrock-content-type", "application/json"}};
}

BedrockError bedrock_error(int status, std::string_view body) {
  const CloudError error = cloud_error(status, {}, body);
  const Exception exception = exception_of(error.type);
  return {.status = exception.status,
          .type = std::string(exception.bedrock),
          .body = message_body(error.message)};
}

Result<std::string> MessagesToBedrock::whole(std::string_view body) {
  return std::string(body);
}

Result<> MessagesToBedrock::feed(std::string_view bytes, std::string& out) {
  Result<> problem;
  auto fed = parser_.feed(bytes, [&](const net::SseEvent& event) {
    if (problem && !ended_) problem = take(event.data, out);
  });
  if (!problem) return problem;
  return fed;
}

Result<> MessagesToBedrock::take(std::string_view data, std::string& out) {
  const auto event = JsonEdit::read(data);
  const JsonMember* member = event ? event->find("type") : nullptr;
  const auto type = member == nullptr ? std::nullopt : json_string(member->value);
  if (!type) return fail(Code::upstream_failed, "an event of the stream is no event of the Messages API");
  if (*type == "ping") return {};
  if (!first_at_) first_at_ = clock_.monotonic();
  if (*type == "error") {
    ended_ = true;
    const CloudError error = cloud_error(500, {}, data);
    return append_exception(out, error.type, error.message);
  }
  if (*type == "message_start" || *type == "message_delta") {
    const auto parsed = parse_json(data);
    if (!parsed) return fail(Code::upstream_failed, "an event of the stream is no JSON");
    const json::value* message = find_member(*parsed, "message");
    read_usage(find_member(message == nullptr ? *parsed : *message, "usage"), counts_);
  }
  if (*type != "message_stop") return append_chunk(out, data);
  ended_ = true;
  if (event->find(kMetrics) != nullptr) return append_chunk(out, data);  // Bedrock's own
  return append_chunk(out, std::string(data.substr(0, data.rfind('}'))) + ",\"" + std::string(kMetrics) +
                               "\":" + metrics() + "}");
}

std::string MessagesToBedrock::metrics() const {
  return to_json(json::object{{"inputTokenCount", counts_.input},
                              {"outputTokenCount", counts_.output},
                              {"invocationLatency", milliseconds(clock_.monotonic() - started_)},
                              {"firstByteLatency", milliseconds(*first_at_ - started_)},
                              {"cacheReadInputTokenCount", counts_.cache_read},
                              {"cacheWriteInputTokenCount", counts_.cache_write}});
}

void MessagesToBedrock::finish(std::string& out) {
  if (ended_) return;
  ended_ = true;
  // A frame of this size always fits.
  const auto appended = append_json_frame(out, ":exception-type", "modelStreamErrorException", "exception",
                                          message_body("the stream broke off before its end"));
  WEIR_ASSERT(appended);
}

std::string MessagesToBedrock::error(int status, std::string_view body) {
  return bedrock_error(status, body).body;
}

}  // namespace weir::model
