// Any bytes as an answer of the Messages API, raw or made into events: its cutting must not change what
// becomes of it, and a client of Chat Completions can read that to a correct end.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "made_messages_stream.h"
#include "model/dialects/messages_to_chat_reply.h"
#include "openai_checkers.h"

namespace {

std::string translated(std::string_view stream, std::size_t piece_size, bool include_usage) {
  const auto translator =
      weir::model::messages_to_chat({.id = "i", .created_s = 1, .include_usage = include_usage});
  std::string out;
  for (std::size_t at = 0; at < stream.size(); at += piece_size) {
    if (!translator->feed(stream.substr(at, piece_size), out)) break;
  }
  translator->finish(out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string stream =
      (data[0] & 1) != 0 ? std::string(bytes) : weir::testing::made_messages_stream(bytes);
  const bool include_usage = (data[0] & 2) != 0;
  const std::string whole = translated(stream, stream.size() + 1, include_usage);
  WEIR_ASSERT(whole == translated(stream, 1 + data[1] % 64, include_usage));
  const auto said = weir::testing::ChatStreamChecker(include_usage).read(whole);
  WEIR_ASSERT(said.wrong.empty());
  const auto answer = weir::model::messages_to_chat({.id = "i"})->whole(bytes);
  WEIR_ASSERT(!answer || weir::parse_json(*answer, 1024).has_value());
  const std::string error = weir::model::messages_to_chat({.id = "i"})->error(400 + data[1], bytes);
  WEIR_ASSERT(weir::parse_json(error).has_value());
  return 0;
}
