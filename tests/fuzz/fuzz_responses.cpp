// The Responses API both ways: any bytes as a request, and as an answer of the Messages API.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "made_messages_stream.h"
#include "model/dialects/messages_to_responses_reply.h"
#include "model/dialects/responses_to_messages_request.h"
#include "responses_checker.h"

namespace {

std::string translated(std::string_view stream, std::size_t piece_size) {
  const auto translator = weir::model::messages_to_responses({.id = "i", .created_s = 1});
  std::string out;
  for (std::size_t at = 0; at < stream.size(); at += piece_size) {
    if (!translator->feed(stream.substr(at, piece_size), out)) break;
  }
  translator->finish(out);
  return out;
}

void ask(std::string_view body) {
  const auto request = weir::model::responses_to_messages(body, {.model = "claude-x", .system_turns = true});
  if (!request) {
    WEIR_ASSERT(request.error().code == weir::Code::invalid_request && !request.error().message.empty());
    return;
  }
  const auto translated = weir::parse_json(request->body, 256);
  WEIR_ASSERT(translated.has_value() && !translated->at("messages").as_array().empty());
  const auto answer = weir::model::messages_to_responses({.id = "i", .echo = request->echo})
                          ->whole(R"({"type":"message","content":[],"usage":{}})");
  WEIR_ASSERT(answer.has_value() && weir::parse_json(*answer, 256).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  if ((data[0] & 1) != 0) {
    ask(bytes);
    return 0;
  }
  const std::string stream =
      (data[0] & 2) != 0 ? std::string(bytes) : weir::testing::made_messages_stream(bytes);
  const std::string whole = translated(stream, stream.size() + 1);
  WEIR_ASSERT(whole == translated(stream, 1 + data[1] % 64));
  const auto said = weir::testing::ResponsesStreamChecker().read(whole);
  WEIR_ASSERT(said.wrong.empty());
  const auto answer = weir::model::messages_to_responses({.id = "i"})->whole(bytes);
  WEIR_ASSERT(!answer || weir::parse_json(*answer, 1024).has_value());
  return 0;
}
