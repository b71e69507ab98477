// net/http1/chunked.h: the chunked transfer coding (RFC 9112 §7.1) of request bodies, without I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/refusal.h"

namespace weir::net::http1 {

constexpr std::size_t kChunkSizeDigitsMax = 16;      // leading zeros count
constexpr std::size_t kChunkExtensionSizeMax = 256;  // for each chunk
constexpr std::size_t kTrailerSizeMax = 4 * 1024;    // all trailer fields

// Stricter than the grammar where leniency has led to request smuggling: no whitespace around a chunk
// size or in extensions, CRLF only. Extensions and trailers are checked and dropped: trailers are never
// merged into the headers (RFC 9110 §6.5.1).
class ChunkedDecoder {
 public:
  enum class Event : std::uint8_t { need_more, data, done, refused };

  explicit ChunkedDecoder(std::size_t body_size_max) : size_left_(body_size_max) {}

  // Takes bytes from the front of `input`; `piece` is a view into it when the event is data.
  Event next(std::string_view& input, std::string_view& piece);
  const Refusal& refusal() const { return refusal_; }

 private:
  enum class State : std::uint8_t {
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer,
    trailer_lf,
    done
  };

  bool take(char c);  // false: refused
  bool take_size(char c);
  bool take_trailer(char c);
  bool end_size_line();
  bool end_trailer_line();
  bool refuse(int status, std::string_view reason, std::string_view message);

  State state_ = State::size;
  std::size_t digits_ = 0;
  std::uint64_t chunk_left_ = 0;
  std::uint64_t size_left_;  // of body_size_max
  std::size_t trailer_size_ = 0;
  std::string line_;  // the extensions of a chunk, or a trailer field
  Refusal refusal_;
};

}  // namespace weir::net::http1
