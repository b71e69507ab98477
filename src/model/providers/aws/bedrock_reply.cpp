#include "model/providers/aws/bedrock_reply.h"

#include "base/json_edit.h"
#include "base/text.h"
#include "model/providers/cloud_error.h"
#include "net/sse/sse.h"

namespace weir::model {
namespace {

std::unexpected<Error> not_a_chunk(std::string_view why) {
  return fail(Code::upstream_failed,
              "a chunk of Bedrock's stream is not what its API says: " + std::string(why));
}

std::optional<std::string> string_of(std::string_view object, std::string_view name) {
  const auto read = JsonEdit::read(object);
  const JsonMember* member = read ? read->find(name) : nullptr;
  return member == nullptr ? std::nullopt : json_string(member->value);
}

}  // namespace

Result<std::string> BedrockToMessages::whole(std::string_view body) {
  return std::string(body);
}

Result<> BedrockToMessages::feed(std::string_view bytes, std::string& out) {
  Result<> problem;
  auto fed = decoder_.feed(bytes, [&](const net::Frame& frame) {
    if (problem && !ended_) problem = take(frame, out);
  });
  if (!problem) return problem;
  return fed;
}

Result<> BedrockToMessages::take(const net::Frame& frame, std::string& out) {
  const std::string_view type = frame.text(":message-type");
  if (type == "event") {
    if (frame.text(":event-type") == "chunk") return take_chunk(frame.payload, out);
    return {};  // an event of tomorrow
  }
  if (type == "exception") {
    append_error_event(out, cloud_error(500, frame.text(":exception-type"), frame.payload).body);
  } else if (type == "error") {
    const CloudError error = cloud_error(500, frame.text(":error-code"), frame.text(":error-message"));
    append_error_event(out, error.body);
  } else {
    return not_a_chunk("its frame has no message type");
  }
  ended_ = true;
  return {};
}

Result<> BedrockToMessages::take_chunk(std::string_view payload, std::string& out) {
  const auto coded = string_of(payload, "bytes");
  if (!coded) return not_a_chunk("it holds no bytes");
  const auto event = from_base64(*coded);
  if (!event) return not_a_chunk("its bytes are not base64");
  const auto type = string_of(*event, "type");
  if (!type || type->empty()) return not_a_chunk("its bytes are no event of the Messages API");
  net::append_sse(out, *type, *event);
  if (*type == "message_stop" || *type == "error") ended_ = true;
  return {};
}

void BedrockToMessages::finish(std::string& out) {
  if (ended_) return;
  ended_ = true;
  append_error_event(out, error_envelope("api_error", "Bedrock's stream broke off before its end"));
}

std::string BedrockToMessages::error(int status, std::string_view body) {
  return cloud_error(status, {}, body).body;
}

}  // namespace weir::model
