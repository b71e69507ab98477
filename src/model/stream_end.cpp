#include "model/stream_end.h"

#include "base/json.h"
#include "net/eventstream/eventstream.h"
#include "net/sse/sse.h"

namespace weir::model {
namespace {

// Of an event that was too large to be held back the client has a part, which must not be read as whole:
// the last `event` line of an event is the one that counts (WHATWG HTML §9.2.6), and pings are ignored.
void end_cut_event(std::string& out, const StreamCut& cut) {
  if (!cut.at_boundary) out += "\nevent: ping\n\n";
}

// As the Messages API says it (platform.claude.com, Streaming).
void append_messages_error(std::string& out, const StreamCut& cut) {
  std::string data = R"({"type":"error","error":{"details":null,"type":"api_error","message":)";
  append_json_string(data, cut.message);
  data += '}';
  if (!cut.request_id.empty()) {
    data += R"(,"request_id":)";
    append_json_string(data, cut.request_id);
  }
  data += '}';
  end_cut_event(out, cut);
  net::append_sse(out, "error", data);
}

// A chunk with `error`, which OpenAI's SDKs raise as APIError.
void append_chat_error(std::string& out, const StreamCut& cut) {
  std::string data = R"({"error":{"message":)";
  append_json_string(data, cut.message);
  data += R"(,"type":"server_error","param":null,"code":"upstream_failed"}})";
  end_cut_event(out, cut);
  net::append_sse(out, {}, data);
}

void append_responses_error(std::string& out, const StreamCut& cut) {
  std::string data = R"({"type":"error","code":"server_error","message":)";
  append_json_string(data, cut.message);
  data += R"(,"param":null})";
  end_cut_event(out, cut);
  net::append_sse(out, "error", data);
}

// As a frame, which a frame that was cut cannot be followed by.
bool append_bedrock_error(std::string& out, const StreamCut& cut) {
  if (!cut.at_boundary) return false;
  std::string payload = R"({"message":)";
  append_json_string(payload, cut.message);
  payload += '}';
  net::Frame frame;
  frame.headers = {{.name = ":exception-type", .bytes = "modelStreamErrorException"},
                   {.name = ":content-type", .bytes = "application/json"},
                   {.name = ":message-type", .bytes = "exception"}};
  frame.payload = payload;
  return net::append_frame(out, frame).has_value();
}

}  // namespace

bool append_stream_error(std::string& out, Dialect dialect, const StreamCut& cut) {
  switch (dialect) {
    case Dialect::messages: append_messages_error(out, cut); return true;
    case Dialect::chat_completions: append_chat_error(out, cut); return true;
    case Dialect::responses: append_responses_error(out, cut); return true;
    case Dialect::bedrock_invoke:
    case Dialect::bedrock_converse: return append_bedrock_error(out, cut);
    case Dialect::embeddings:
    case Dialect::opaque: return false;
  }
  return false;
}

bool append_ping(std::string& out, Dialect dialect) {
  switch (dialect) {
    case Dialect::messages: out += "event: ping\ndata: {\"type\": \"ping\"}\n\n"; return true;
    case Dialect::chat_completions:
    case Dialect::responses: out += ": ping\n\n"; return true;  // a comment, which every SSE parser skips
    case Dialect::embeddings:
    case Dialect::bedrock_invoke:
    case Dialect::bedrock_converse:
    case Dialect::opaque: return false;
  }
  return false;
}

std::string_view stream_media_type(Dialect dialect) {
  const bool is_bedrock = dialect == Dialect::bedrock_invoke || dialect == Dialect::bedrock_converse;
  return is_bedrock ? "application/vnd.amazon.eventstream" : "text/event-stream; charset=utf-8";
}

}  // namespace weir::model
