#include "net/http2/request_head.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "net/http1/syntax.h"
#include "net/target.h"

namespace weir::net::http2 {
namespace {

constexpr std::size_t kFieldOverhead = 32;  // RFC 7541 §4.1

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

bool is_field(std::string_view name, std::string_view value) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (!is_token(name) || std::any_of(name.begin(), name.end(), is_upper)) return false;
  if (!value.empty() && (is_blank(value.front()) || is_blank(value.back()))) return false;
  return std::all_of(value.begin(), value.end(), http1::is_field_char);
}

bool is_connection_specific(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames{"connection", "proxy-connection", "keep-alive",
                                                   "transfer-encoding", "upgrade"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

void RequestHead::refuse(int status, std::string_view reason, std::string_view message) {
  if (!refusal_) refusal_ = Refusal{status, reason, message};
}

bool RequestHead::add(std::string_view name, std::string_view value) {
  list_size_ += name.size() + value.size() + kFieldOverhead;
  if (list_size_ - kFieldOverhead * (fields_ + 1) > limits_.head_size_max) {
    refuse(431, "head_size", "the request head is too large");
  }
  if (++fields_ > limits_.fields_max) refuse(431, "fields", "the request has too many fields");
  return name.starts_with(':') ? add_pseudo(name, value) : add_regular(name, value);
}

// RFC 9113 §8.3: before all others, each one once, none that is not defined.
bool RequestHead::add_pseudo(std::string_view name, std::string_view value) {
  if (regular_seen_) return false;
  if (!std::all_of(value.begin(), value.end(), http1::is_field_char)) return false;
  if (name == ":method") {
    if (std::exchange(has_method_, true) || !is_token(value)) return false;
    request_.method = value;
  } else if (name == ":path") {
    if (std::exchange(has_path_, true) || value.empty()) return false;
    if (value.size() > limits_.target_size_max) {
      refuse(414, "target_size", "the request target is too long");
    } else {
      request_.target = value;
    }
  } else if (name == ":scheme") {
    if (scheme_) return false;
    scheme_ = value;
  } else if (name == ":authority") {
    if (authority_) return false;
    authority_ = value;
  } else {
    return false;
  }
  return true;
}

bool RequestHead::add_regular(std::string_view name, std::string_view value) {
  regular_seen_ = true;
  if (!is_field(name, value) || is_connection_specific(name)) return false;
  if (name == "te" && !iequals(value, "trailers")) return false;
  if (name == "content-length" && request_.headers.contains(name)) return false;
  if (refusal_) return true;  // nothing more is kept of what is too large
  if (name == "cookie") {     // RFC 9113 §8.2.3: may come in pieces
    if (!cookies_.empty()) cookies_ += "; ";
    cookies_ += value;
  } else {
    request_.headers.add(name, value);
  }
  return true;
}

bool RequestHead::finish(bool ended) {
  request_.version = HttpVersion::http2;
  if (!has_method_) return false;
  if (!cookies_.empty()) request_.headers.add("cookie", cookies_);
  if (request_.method == "CONNECT") {  // RFC 9113 §8.5
    if (scheme_ || has_path_ || !authority_) return false;
    refuse(501, "method", "this server is no tunnel");
    return true;
  }
  if (!scheme_ || !has_path_ || !check_authority()) return false;
  if (refusal_) return true;
  if (!iequals(*scheme_, "http") && !iequals(*scheme_, "https")) {
    refuse(400, "scheme", "the scheme must be http or https");
  }
  check_target();
  const std::string_view length = request_.headers.get("content-length");
  if (request_.headers.contains("content-length")) {
    const bool digits = !length.empty() && length.find_first_not_of("0123456789") == std::string_view::npos;
    const auto number = digits ? parse_int(length) : std::nullopt;
    if (!number || (ended && *number > 0)) return false;
    request_.content_length = *number;
  }
  check_body(ended);
  check_expect();
  return true;
}

// RFC 9113 §8.3.1: a Host that differs from :authority makes the request malformed.
bool RequestHead::check_authority() {
  const std::size_t hosts = request_.headers.count("host");
  const std::string_view host = request_.headers.get("host");
  if (hosts > 1) return false;
  if (authority_ && hosts == 1 && !iequals(*authority_, host)) return false;
  request_.authority = authority_ ? *authority_ : std::string(host);
  if (!refusal_ && !is_valid_authority(request_.authority)) {
    refuse(400, "host", "the request needs exactly one valid authority");
  }
  return true;
}

void RequestHead::check_target() {
  if (request_.target == "*" && request_.method == "OPTIONS") {
    request_.path = "*";
  } else if (!parse_origin_form(request_.target, request_.path, request_.query)) {
    refuse(400, "target", "the request target is malformed, or could be read in two ways");
  }
}

void RequestHead::check_body(bool ended) {
  if (ended) request_.content_length = 0;
  request_.has_body = !ended && request_.content_length != 0;
  if (std::cmp_greater(request_.content_length, limits_.body_size_max)) {
    refuse(413, "body_size", "the request body is too large");
  }
}

void RequestHead::check_expect() {
  const std::string_view expect = request_.headers.get("expect");
  if (expect.empty()) return;
  if (!iequals(expect, "100-continue") || request_.headers.count("expect") > 1) {
    refuse(417, "expect", "no expectation but 100-continue is supported");
    return;
  }
  expects_continue_ = request_.has_body;
}

}  // namespace weir::net::http2
