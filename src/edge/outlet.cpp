#include "edge/outlet.h"

#include <array>

#include "base/name_set.h"
#include "edge/compression.h"
#include "edge/explanation.h"

namespace weir::edge {
namespace {

// What an answer says to browsers unless its handler knows better (OWASP HTTP Headers Cheat Sheet).
constexpr std::array kDefaults{
    net::Field{"cache-control", "no-store"},
    net::Field{"content-security-policy", kApiContentSecurityPolicy},
    net::Field{"cross-origin-resource-policy", "same-origin"},
    net::Field{"referrer-policy", "no-referrer"},
    net::Field{"x-content-type-options", "nosniff"},
    net::Field{"x-dns-prefetch-control", "off"},
    net::Field{"x-frame-options", "DENY"},
    net::Field{"x-xss-protection", "0"},  // the filter it once switched was itself a hole
};

constexpr NameSet kDefaultNames("cache-control", "content-security-policy", "cross-origin-resource-policy",
                                "referrer-policy", "x-content-type-options", "x-dns-prefetch-control",
                                "x-frame-options", "x-xss-protection");

// The defaults that the handler has not decided.
void add_defaults(net::Headers& headers) {
  static const net::Headers kAll = [] {
    net::Headers all;
    for (const net::Field field : kDefaults) all.add_valid(field.name, field.value);
    return all;
  }();
  unsigned said = 0;  // a bit for each that it has
  for (const net::Field field : headers) {
    if (!kDefaultNames.contains(field.name)) continue;
    for (std::size_t i = 0; i < kDefaults.size(); ++i) {
      if (field.name == kDefaults[i].name) said |= 1U << i;
    }
  }
  if (said == 0) return headers.append(kAll);  // as a block
  for (std::size_t i = 0; i < kDefaults.size(); ++i) {
    if ((said >> i & 1U) == 0) headers.add_valid(kDefaults[i].name, kDefaults[i].value);
  }
}

}  // namespace

Task<Result<>> Outlet::send(net::Response response) {
  if (listener_ != nullptr) {
    listener_->on_head(response.status, response.headers);
    if (!response.body.empty()) listener_->on_body(response.body);
    listener_->on_end(AnswerEnd::whole);
  }
  compress_response(response, accept_encoding_);
  complete(response.status, response.headers);
  bytes_ += response.body.size();
  finished_ = true;
  return inner_.send(std::move(response));
}

Task<Result<>> Outlet::start(net::ResponseHead head, std::int64_t content_length) {
  if (listener_ != nullptr) listener_->on_head(head.status, head.headers);
  complete(head.status, head.headers);
  return inner_.start(std::move(head), content_length);
}

Task<Result<>> Outlet::write(std::string_view bytes) {
  bytes_ += bytes.size();
  if (listener_ != nullptr) listener_->on_body(bytes);
  return inner_.write(bytes);
}

void Outlet::complete(int status, net::Headers& headers) {
  status_ = status;
  for (const net::Field field : extra_) {
    if (field.name != "vary") headers.remove(field.name);  // a list: ours comes beside the handler's
  }
  headers.append(extra_);
  add_defaults(headers);
  if (exchange_ != nullptr && exchange_->clock != nullptr) {
    head_at_ = exchange_->clock->monotonic();
    overhead_ = overhead_until(*exchange_, head_at_);
    add_explanation(headers, *exchange_, head_at_, overhead_);
  }
  if (hsts_) headers.set("strict-transport-security", "max-age=31536000; includeSubDomains");
}

}  // namespace weir::edge
