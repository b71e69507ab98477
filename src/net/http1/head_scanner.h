// net/http1/head_scanner.h: finds the end of a request head and refuses bytes that may not be in one,
// before the head is parsed. Works byte by byte, so that how the bytes were cut into reads never matters.
#pragma once

#include <cstddef>
#include <string_view>

#include "net/http1/chunked.h"
#include "net/server.h"

namespace weir::net::http1 {

// RFC 9112 §2.2 and §5: lines end with CRLF and nothing else, no line folding, no control characters,
// exactly two spaces in the request line. One empty line before the request line is skipped (§2.2).
class HeadScanner {
 public:
  enum class Event : std::uint8_t { need_more, complete, refused };

  explicit HeadScanner(const ServerConfig& limits) : limits_(&limits) {}

  // `input` begins with the head's first byte and grows from call to call.
  Event scan(std::string_view input);
  std::size_t begin() const { return begin_; }  // of the request line
  std::size_t end() const { return at_; }       // after the empty line, when complete
  const Refusal& refusal() const { return refusal_; }
  void reset() { *this = HeadScanner(*limits_); }

 private:
  Event refuse(int status, std::string_view reason, std::string_view message);
  Event take(char c);
  Event take_in_request_line(char c);
  Event end_line();

  const ServerConfig* limits_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  std::size_t line_ = 0;       // 0: the request line
  std::size_t line_size_ = 0;
  std::size_t spaces_ = 0;     // in the request line
  std::size_t target_size_ = 0;
  bool after_cr_ = false;
  Refusal refusal_;
};

}  // namespace weir::net::http1
