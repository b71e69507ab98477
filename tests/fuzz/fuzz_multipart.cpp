// A form in any pieces: the parts must not depend on how the bytes arrive.
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "edge/api/multipart.h"

namespace {

using weir::edge::MultipartParser;
using weir::edge::MultipartPart;

struct Outcome {
  bool whole = false;
  std::vector<MultipartPart> parts;
};

Outcome parse(std::string_view body, std::size_t piece_size) {
  MultipartParser parser("b", {.part_size_max = 256, .head_size_max = 256, .parts_max = 16});
  Outcome outcome;
  for (std::size_t at = 0; at < body.size(); at += piece_size) {
    if (!parser.feed(body.substr(at, piece_size))) return outcome;
    while (auto part = parser.take()) outcome.parts.push_back(*std::move(part));
  }
  outcome.whole = parser.finish().has_value();
  return outcome;
}

bool same(const MultipartPart& a, const MultipartPart& b) {
  return a.name == b.name && a.filename == b.filename && a.media_type == b.media_type && a.body == b.body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view body = text.substr(1);
  (void)weir::edge::multipart_boundary(text);
  const Outcome at_once = parse(body, body.size() + 1);
  const Outcome in_pieces = parse(body, data[0] % 16 + 1u);
  // A limit may be met earlier in small pieces, never a part read differently.
  if (at_once.whole && in_pieces.whole) {
    if (at_once.parts.size() != in_pieces.parts.size()) __builtin_trap();
    if (!std::equal(at_once.parts.begin(), at_once.parts.end(), in_pieces.parts.begin(), same))
      __builtin_trap();
  }
  return 0;
}
