// net/client/response_parser.h: one HTTP/1.1 response out of bytes (RFC 9112), without I/O.
#pragma once

#include <llhttp.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "net/headers.h"

namespace weir::net {

// Interim responses (1xx) are skipped. The body ends by content-length, by the last chunk, or with the
// connection; 204, 304 and answers to HEAD have none (RFC 9112 §6.3). Strict: a transfer coding other
// than chunked, both length and chunks, an upgrade, or an early end of the stream is upstream_failed.
class ResponseParser {
 public:
  // head_size_max: bytes that are not body and stand between two bytes of it: the head with every
  // interim response before it, the framing of chunks, the trailers.
  ResponseParser(std::size_t head_size_max, bool answers_head);
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  // Parses `bytes` and removes the framing of chunks in place, so that the body bytes of one call lie
  // together: body() is a view into `bytes`.
  Result<> feed(std::span<char> bytes);
  // The peer has closed its side.
  Result<> end_of_stream();

  std::string_view body() const { return body_; }  // of the last feed()
  bool head_complete() const { return head_complete_; }
  bool complete() const { return complete_; }
  // After completion: the connection may carry another request (nothing unasked-for has followed).
  bool reusable() const { return reusable_; }
  int status() const { return parser_.status_code; }
  const Headers& headers() const { return headers_; }
  Headers take_headers() { return std::exchange(headers_, Headers()); }

 private:
  static const llhttp_settings_t& settings();
  static ResponseParser& self(llhttp_t* parser) { return *static_cast<ResponseParser*>(parser->data); }
  int on_header_field(std::string_view part);
  int on_header_value(std::string_view part);
  int on_header_value_complete();
  int on_headers_complete();
  int on_body(const char* at, std::size_t size);
  int on_message_complete();
  bool interim() const { return parser_.status_code / 100 == 1; }
  Result<> check_error(llhttp_errno_t error) const;

  llhttp_t parser_;
  const std::size_t head_size_max_;
  const bool answers_head_;
  bool head_complete_ = false;
  bool complete_ = false;
  bool reusable_ = false;
  std::size_t framing_size_ = 0;  // since the last byte of the body
  const char* refusal_ = nullptr;
  std::string name_, value_;  // the field that is being read
  std::span<char> input_;     // of the current feed()
  std::string_view body_;
  Headers headers_;
};

}  // namespace weir::net
