// net/http2/request_head.h: the fields of one request as they arrive, checked against RFC 9113 §8, and the
// Request that they add up to. nghttp2 checks much of this as well: a head must please two readers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"
#include "net/refusal.h"
#include "net/server.h"

namespace weir::net::http2 {

class RequestHead {
 public:
  // Fills `request`, which must live as long.
  RequestHead(const ServerConfig& limits, Request& request) : limits_(limits), request_(request) {}

  // One field, in order. False: the message is malformed (RFC 9113 §8.1.1), its stream is to be reset.
  bool add(std::string_view name, std::string_view value);
  // After the last one. ended: no body follows. False: malformed. A request that is well-formed and yet
  // not served has a refusal, which is to be answered.
  bool finish(bool ended);

  const std::optional<Refusal>& refusal() const { return refusal_; }
  bool expects_continue() const { return expects_continue_; }  // RFC 9110 §10.1.1
  // As HPACK counts (RFC 7541 §4.1), of every field, also of those that were too many to be kept.
  std::size_t list_size() const { return list_size_; }

 private:
  bool add_pseudo(std::string_view name, std::string_view value);
  bool add_regular(std::string_view name, std::string_view value);
  bool check_authority();
  void check_target();
  void check_body(bool ended);
  void check_expect();
  void refuse(int status, std::string_view reason, std::string_view message);

  const ServerConfig& limits_;
  Request& request_;
  std::optional<std::string> scheme_;
  std::optional<std::string> authority_;
  std::string cookies_;
  std::optional<Refusal> refusal_;
  std::size_t list_size_ = 0;
  std::size_t fields_ = 0;
  bool has_method_ = false;
  bool has_path_ = false;
  bool regular_seen_ = false;
  bool expects_continue_ = false;
};

// RFC 9113 §8.2.1: lower case, a token; a value without control characters or surrounding blanks.
bool is_field(std::string_view name, std::string_view value);
// RFC 9113 §8.2.2: fields that belong to one connection of HTTP/1.1.
bool is_connection_specific(std::string_view name);

}  // namespace weir::net::http2
