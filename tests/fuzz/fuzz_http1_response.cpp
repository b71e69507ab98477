// Any bytes, in any pieces, mean the same response, or are refused.
#include <cstdint>

#include "net/client/response_parser.h"

namespace {

struct Outcome {
  bool good = true;
  bool complete = false;
  int status = 0;
  std::size_t fields = 0;
  std::string body;
  bool operator==(const Outcome&) const = default;
};

Outcome parse(std::string_view text, std::size_t piece_size, bool answers_head) {
  weir::net::ResponseParser parser(4096, answers_head);
  Outcome outcome;
  for (std::size_t at = 0; outcome.good && at < text.size(); at += piece_size) {
    std::string piece(text.substr(at, piece_size));
    outcome.good = parser.feed(piece).has_value();
    outcome.body += parser.body();
    WEIR_ASSERT(parser.head_complete() || parser.body().empty());
  }
  if (outcome.good) outcome.good = parser.end_of_stream().has_value();
  WEIR_ASSERT(!outcome.good || parser.complete());
  if (!outcome.good) return {.good = false};
  outcome.complete = parser.complete();
  outcome.status = parser.status();
  outcome.fields = parser.headers().size();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool answers_head = (data[0] & 0x80) != 0;
  const std::size_t piece_size = data[0] % 64 + 1U;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, std::min<std::size_t>(size - 1, 4000));
  WEIR_ASSERT(parse(text, text.size(), answers_head) == parse(text, piece_size, answers_head));
  return 0;
}
