#include "edge/outlet.h"

#include <array>

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

}  // namespace

Task<Result<>> Outlet::send(net::Response response) {
  compress_response(response, accept_encoding_);
  complete(response.status, response.headers);
  bytes_ += response.body.size();
  finished_ = true;
  return inner_.send(std::move(response));
}

Task<Result<>> Outlet::start(net::ResponseHead head, std::int64_t content_length) {
  complete(head.status, head.headers);
  return inner_.start(std::move(head), content_length);
}

Task<Result<>> Outlet::write(std::string_view bytes) {
  bytes_ += bytes.size();
  return inner_.write(bytes);
}

void Outlet::complete(int status, net::Headers& headers) {
  status_ = status;
  for (const net::Field field : extra_) {
    if (field.name != "vary") headers.remove(field.name);  // a list: ours comes beside the handler's
  }
  headers.append(extra_);
  unsigned said = 0;  // a bit for each default that the handler has decided
  for (const net::Field field : headers) {
    for (std::size_t i = 0; i < kDefaults.size(); ++i) {
      if (field.name == kDefaults[i].name) said |= 1U << i;
    }
  }
  for (std::size_t i = 0; i < kDefaults.size(); ++i) {
    if ((said >> i & 1U) == 0) headers.add(kDefaults[i].name, kDefaults[i].value);
  }
  if (exchange_ != nullptr && exchange_->clock != nullptr) {
    head_at_ = exchange_->clock->monotonic();
    overhead_ = overhead_until(*exchange_, head_at_);
    add_explanation(headers, *exchange_, head_at_, overhead_);
  }
  if (hsts_) headers.set("strict-transport-security", "max-age=31536000; includeSubDomains");
}

}  // namespace weir::edge
