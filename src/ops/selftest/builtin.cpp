// The exchanges of a selftest without cassettes: made up, one of each kind that a gateway could spoil.
#include <utility>

#include "ops/selftest/runner.h"

namespace weir::ops::selftest {
namespace {

constexpr std::string_view kStream = "text/event-stream; charset=utf-8", kJson = "application/json";

data::Cassette made(std::string name, std::string path, std::string request, int status,
                    std::string_view type, std::string body) {
  data::Cassette cassette{.name = std::move(name)};
  cassette.request = {.method = "POST", .path = std::move(path), .headers = {{"content-type", kJson}}};
  if (cassette.request.path.starts_with("/v1/messages"))
    cassette.request.headers.add("anthropic-version", "2023-06-01");
  cassette.request.body = std::move(request);
  cassette.response.status = status;
  cassette.response.headers.add("content-type", type);
  cassette.response.is_stream = type == kStream;
  cassette.response.body = std::move(body);
  return cassette;
}

constexpr std::string_view kMessageStream =
    R"(event: message_start
data: {"type":"message_start","message":{"id":"msg_selftest","type":"message",)"
    R"("role":"assistant","model":"claude-sonnet-4-5","content":[],"stop_reason":null,)"
    R"("usage":{"input_tokens":12,"cache_creation_input_tokens":0,)"
    R"("cache_read_input_tokens":2048,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking",)"
    R"("thinking":"","signature":""}}

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2VsZnRlc3Q="}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"not_invented_yet","extra":[1,2.50,1e3]}}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},)"
    R"("usage":{"output_tokens":42}}

event: message_stop
data: {"type":"message_stop"}

)";

constexpr std::string_view kChatStream =
    R"(data: {"id":"chatcmpl-selftest","object":"chat.completion.chunk",)"
    R"("created":1790000000,"model":"gpt-4o-2024-08-06","choices":[{"index":0,)"
    R"("delta":{"role":"assistant","content":"Hello"},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-selftest","object":"chat.completion.chunk","created":1790000000,)"
    R"("model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{},)"
    R"("finish_reason":"stop"}],"usage":null}

data: {"id":"chatcmpl-selftest","object":"chat.completion.chunk","created":1790000000,)"
    R"("model":"gpt-4o-2024-08-06","choices":[],"usage":{"prompt_tokens":30,)"
    R"("completion_tokens":2,"total_tokens":32,"prompt_tokens_details":{"cached_tokens":10}}}

data: [DONE]

)";

}  // namespace

std::vector<data::Cassette> builtin_cassettes() {
  const std::string ask =
      R"({"model":"claude-sonnet-4-5","max_tokens":64,"messages":[{"role":"user","content":"Hi"}])";
  const std::string chat = R"({"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}])";
  return {
      made("messages", "/v1/messages", ask + "}", 200, kJson,
           R"({"id":"msg_selftest", "type":"message","role":"assistant","model":"claude-sonnet-4-5",)"
           R"("content":[{"type":"text","text":"Gr\u00fc\u00dfe \ud83d\ude00"}],)"
           R"("stop_reason":"end_turn","not_invented_yet":1.10,)"
           R"("usage":{"input_tokens":9,"cache_creation_input_tokens":1024,)"
           R"("cache_read_input_tokens":0,"output_tokens":7}})"),
      made("messages-stream", "/v1/messages", ask + R"(,"stream":true})", 200, kStream,
           std::string(kMessageStream)),
      made("messages-stream-cut", "/v1/messages", ask + R"(,"stream":true})", 200, kStream,
           std::string(kMessageStream.substr(0, kMessageStream.find("event: message_delta")))),
      made("messages-error", "/v1/messages", ask + "}", 400, kJson,
           R"({"type":"error","error":{"type":"invalid_request_error",)"
           R"("message":"max_tokens: too large"},"request_id":"req_1"})"),
      made("count-tokens", "/v1/messages/count_tokens", ask + "}", 200, kJson, R"({ "input_tokens" : 9 })"),
      made("chat", "/v1/chat/completions", chat + "}", 200, kJson,
           R"({"id":"chatcmpl-selftest","object":"chat.completion","created":1790000000,)"
           R"("model":"gpt-4o-2024-08-06",)"
           R"("choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},)"
           R"("finish_reason":"stop"}],)"
           R"("usage":{"prompt_tokens":30,"completion_tokens":2,"total_tokens":32,)"
           R"("prompt_tokens_details":{"cached_tokens":10}}})"),
      made("chat-stream", "/v1/chat/completions",
           chat + R"(,"stream":true,"stream_options":{"include_usage":true}})", 200, kStream,
           std::string(kChatStream)),
      made("embeddings", "/v1/embeddings", R"({"model":"text-embedding-3-small","input":"Hi"})", 200, kJson,
           R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,-2.5e-3]}],)"
           R"("model":"text-embedding-3-small","usage":{"prompt_tokens":1,"total_tokens":1}})"),
  };
}

}  // namespace weir::ops::selftest
