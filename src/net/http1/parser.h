// net/http1/parser.h: requests of HTTP/1.1 (RFC 9112) from bytes, without I/O. The caller owns the
// bytes and pulls events; any cut of the same bytes gives the same events (but for the cut of bodies).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "net/http.h"
#include "net/http1/chunked.h"
#include "net/http1/head_scanner.h"
#include "net/server.h"

namespace weir::net::http1 {

// Strict: what a proxy in front of us might read differently is refused, not repaired. A head must
// please two readers: Weir's own scanner and llhttp without leniency.
class RequestParser {
 public:
  enum class Event : std::uint8_t {
    need_more,  // the input is used up (while a head is incomplete it stays with the caller)
    head,       // the request is filled in
    body,       // piece() is a part of the body
    done,       // the request has ended; reset() before the next
    refused,    // refusal(); the connection must be closed
  };

  // Fills `request`, which must live as long as the parser. Limits are read from `limits`.
  RequestParser(const ServerConfig& limits, Request& request);

  // Takes bytes from the front of `input`. While a head is incomplete nothing is taken, and the next
  // call must begin with the same bytes.
  Event next(std::string_view& input);
  std::string_view piece() const { return piece_; }
  const Refusal& refusal() const { return refusal_; }
  void reset();

  // After `head`:
  bool keep_alive() const { return keep_alive_; }              // what the client wants (RFC 9112 §9.3)
  bool expects_continue() const { return expects_continue_; }  // RFC 9110 §10.1.1
  bool chunked() const { return chunked_.has_value(); }
  bool body_done() const { return state_ == State::done; }
  std::int64_t body_left() const { return static_cast<std::int64_t>(body_left_); }  // of a content-length

 private:
  enum class State : std::uint8_t { head, fixed, chunked, done, refused };

  Event refuse(Refusal refusal);
  Event take_head(std::string_view& input);
  Event take_fixed(std::string_view& input);
  Event take_chunked(std::string_view& input);

  const ServerConfig& limits_;
  Request& request_;
  HeadScanner scanner_;
  std::optional<ChunkedDecoder> chunked_;
  State state_ = State::head;
  std::uint64_t body_left_ = 0;
  bool keep_alive_ = false;
  bool expects_continue_ = false;
  std::string_view piece_;
  Refusal refusal_;
};

}  // namespace weir::net::http1
