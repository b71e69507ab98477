// The simulated Amazon Bedrock runtime: invoke, invoke-with-response-stream, count-tokens; and what all of
// AWS has.
#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "model/providers/aws/sigv4_verify.h"
#include "net/eventstream/eventstream.h"
#include "ops/upstream/cloud.h"

namespace weir::ops::upstream {
namespace {

constexpr std::string_view kModelPrefix = "/model/";
constexpr std::string_view kUsualModel = "claude-sonnet-4-5-20250929";  // behind ARNs that do not say

struct AwsError {
  int status;
  std::string_view type;
};
constexpr std::array kAwsErrors{
    AwsError{400, "ValidationException"},         AwsError{403, "AccessDeniedException"},
    AwsError{404, "ResourceNotFoundException"},   AwsError{408, "ModelTimeoutException"},
    AwsError{424, "ModelErrorException"},         AwsError{429, "ThrottlingException"},
    AwsError{500, "InternalServerException"},     AwsError{503, "ServiceUnavailableException"},
    AwsError{401, "UnrecognizedClientException"}, AwsError{413, "ValidationException"},
};

std::string_view aws_error_type(int status) {
  const auto* const found = std::ranges::find(kAwsErrors, status, &AwsError::status);
  if (found != kAwsErrors.end()) return found->type;
  return status >= 500 ? "InternalServerException" : "ValidationException";
}

std::string frame_of(std::string_view kind, std::string_view name, std::string_view payload) {
  net::Frame frame;
  const std::string kind_name = ":" + std::string(kind) + "-type";
  frame.headers = {{.name = kind_name, .bytes = name},
                   {.name = ":content-type", .bytes = "application/json"},
                   {.name = ":message-type", .bytes = kind}};
  frame.payload = payload;
  std::string out;
  const auto appended = net::append_frame(out, frame);
  WEIR_ASSERT(appended);
  return out;
}

// What stands behind "data: ", or as much of it as is there.
std::string_view data_of(std::string_view event) {
  const std::size_t at = event.find("data: ");
  if (at == std::string_view::npos) return {};
  event.remove_prefix(at + 6);
  while (event.ends_with('\n')) event.remove_suffix(1);
  return event;
}

// "us.anthropic.claude-haiku-4-5-20251001-v1:0" → "claude-haiku-4-5-20251001".
std::string messages_model(std::string_view id) {
  const std::size_t at = id.rfind("anthropic.");
  if (at == std::string_view::npos)
    return id.starts_with("arn:") ? std::string(kUsualModel) : std::string(id);
  std::string_view name = id.substr(at + std::string_view("anthropic.").size());
  if (const std::size_t version = name.rfind("-v");
      version != std::string_view::npos && name.substr(version + 2, 1).find_first_of("0123456789") == 0) {
    name = name.substr(0, version);
  }
  return std::string(name);
}

class SimulatedBedrock final : public Cloud {
 public:
  SimulatedBedrock(CloudTokens& tokens, const Clock& clock) : tokens_(tokens), clock_(clock) {}

  bool owns(const net::Request& request) const override { return request.path.starts_with(kModelPrefix); }

  std::optional<Refusal> check_caller(const net::Request& request, std::string_view body) const override {
    return check_aws_caller(request, body, "bedrock", tokens_, clock_.wall());
  }

  Result<CloudQuestion> question(const net::Request& request, std::string_view body) const override {
    const std::string_view path = std::string_view(request.path).substr(kModelPrefix.size());
    const std::size_t slash = path.rfind('/');
    const std::string_view action = slash == std::string_view::npos ? path : path.substr(slash + 1);
    const bool counts = action == "count-tokens";
    const bool streams = action == "invoke-with-response-stream";
    if (request.method != "POST" || (action != "invoke" && !streams && !counts))
      return fail(Code::not_found, "Unknown operation");
    auto message = parse_json(body);
    if (counts && message) message = counted_body(*message);
    if (!message || !message->is_object())
      return fail(Code::invalid_request,
                  "Malformed input request, please reformat your input and try again.");
    json::object& object = message->get_object();
    if (string_member(object, "anthropic_version").empty())
      return fail(Code::invalid_request, "anthropic_version: Field required");
    for (const std::string_view name : {"model", "stream"}) {
      if (object.contains(name))
        return fail(Code::invalid_request, std::string(name) + ": Extra inputs are not permitted");
    }
    object.erase("anthropic_version");
    object.erase("anthropic_beta");
    object["model"] = messages_model(percent_decode(path.substr(0, slash)).value_or(""));
    if (streams) object["stream"] = true;
    return CloudQuestion{.path = counts ? "/v1/messages/count_tokens" : "/v1/messages",
                         .body = json::serialize(object)};
  }

  net::Response error(int status, std::string_view message) const override {
    return aws_error(status, message);
  }

  net::Response whole(net::Response answer) const override {
    net::Response out{.headers = own_fields(answer.headers), .body = std::move(answer.body)};
    const auto body = parse_json(out.body);
    const json::value* const usage = body ? find_member(*body, "usage") : nullptr;
    if (usage != nullptr) {
      for (const auto& [field, member] : {std::pair("input", "input_tokens"), {"output", "output_tokens"}}) {
        const json::value* const count = find_member(*usage, member);
        if (count == nullptr) continue;
        out.headers.add("x-amzn-bedrock-" + std::string(field) + "-token-count", json::serialize(*count));
      }
    } else if (const json::value* const count = body ? find_member(*body, "input_tokens") : nullptr) {
      out.body = json::serialize(json::object{{"inputTokens", *count}});
    }
    return out;
  }

  net::ResponseHead stream_head(net::ResponseHead head) const override {
    const bool spoiled = !head.headers.get("content-type").starts_with("text/event-stream");
    const std::string type(spoiled ? head.headers.get("content-type") : "application/vnd.amazon.eventstream");
    head.headers = own_fields(head.headers);
    head.headers.set("content-type", type);
    return head;
  }

  std::string event(std::string_view text) const override {
    const std::string_view data = data_of(text);
    if (text.starts_with("event: ping\n")) return {};
    if (text.starts_with("event: error\n") && text.ends_with("\n\n")) {
      return frame_of("exception", "serviceUnavailableException",
                      R"({"message":"Bedrock is unable to process your request."})");
    }
    std::string frame =
        frame_of("event", "chunk", R"({"bytes":")" + to_base64(data) + R"(","p":"abcdefghijklmnopq"})");
    if (!text.ends_with("\n\n")) frame.resize(frame.size() / 2);  // it is cut there
    return frame;
  }

 private:
  static Result<json::value> counted_body(const json::value& body) {
    const json::value* const input = find_member(body, "input");
    const json::value* const invoke = input != nullptr ? find_member(*input, "invokeModel") : nullptr;
    const auto text = invoke != nullptr ? from_base64(string_member(*invoke, "body")) : std::nullopt;
    if (!text) return fail(Code::invalid_request, "input: Field required");
    return parse_json(*text);
  }

  // Bedrock's fields in place of Anthropic's.
  static net::Headers own_fields(const net::Headers& from) {
    net::Headers fields{{"content-type", from.get("content-type")},
                        {"x-amzn-requestid", from.get("request-id")}};
    if (const auto wait = from.find("retry-after")) fields.add("retry-after", *wait);
    return fields;
  }

  CloudTokens& tokens_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Cloud> simulated_bedrock(CloudTokens& tokens, const Clock& clock) {
  return std::make_unique<SimulatedBedrock>(tokens, clock);
}

std::string_view bearer_of(const net::Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view field = request.headers.get("authorization");
  return iequals(field.substr(0, kScheme.size()), kScheme) ? trim(field.substr(kScheme.size()))
                                                           : std::string_view();
}

std::optional<Refusal> check_aws_caller(const net::Request& request, std::string_view body,
                                        std::string_view service, CloudTokens& tokens, WallTime now) {
  const std::string_view authorization = request.headers.get("authorization");
  if (!model::is_v4_authorization(authorization)) {
    if (tokens.takes_bearer(bearer_of(request))) return std::nullopt;
    return Refusal{403, "Authentication failed: Please make sure your API Key is valid."};
  }
  const auto claim = model::parse_v4_authorization(authorization);
  if (!claim) return Refusal{403, claim.error().message};
  if (claim->scope.service != service)
    return Refusal{403, "Credential should be scoped to correct service: '" + std::string(service) + "'."};
  const auto keys = tokens.aws_keys(claim->access_key_id);
  if (!keys || request.headers.get("x-amz-security-token") != keys->session_token.reveal())
    return Refusal{403, "The security token included in the request is invalid."};
  const auto proven = model::verify_v4(request, body, *claim, keys->secret_access_key, now);
  if (!proven) {
    return Refusal{403, "The request signature we calculated does not match the signature you provided: " +
                            proven.error().message};
  }
  return std::nullopt;
}

net::Response aws_error(int status, std::string_view message) {
  return {.status = status,
          .headers = {{"content-type", "application/json"}, {"x-amzn-errortype", aws_error_type(status)}},
          .body = json::serialize(json::object{{"message", message}})};
}

}  // namespace weir::ops::upstream
