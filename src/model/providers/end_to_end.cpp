#include "model/providers/end_to_end.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/text.h"

namespace weir::model {
namespace {

using namespace std::string_view_literals;

constexpr std::array kConnectionFields{"connection"sv,
                                       "content-length"sv,
                                       "http2-settings"sv,
                                       "keep-alive"sv,
                                       "proxy-authenticate"sv,
                                       "proxy-authorization"sv,
                                       "proxy-connection"sv,
                                       "te"sv,
                                       "trailer"sv,
                                       "transfer-encoding"sv,
                                       "upgrade"sv};
// Credentials, what is Weir's own, and what tells where the client is, by whichever proxy.
constexpr std::array kClientFields{"accept-encoding"sv,
                                   "api-key"sv,
                                   "authorization"sv,
                                   "cf-connecting-ip"sv,
                                   "cookie"sv,
                                   "expect"sv,
                                   "fastly-client-ip"sv,
                                   "forwarded"sv,
                                   "host"sv,
                                   "true-client-ip"sv,
                                   "x-api-key"sv,
                                   "x-client-ip"sv,
                                   "x-cluster-client-ip"sv,
                                   "x-original-forwarded-for"sv,
                                   "x-real-ip"sv,
                                   "x-weir-grace"sv,
                                   "x-weir-resume"sv};
constexpr std::array kProviderFields{"alt-svc"sv, "set-cookie"sv};

bool contains(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Leaves what is neither of the connection nor dropped by `drops`.
net::Headers without(net::Headers fields, auto drops) {
  const std::string named = to_lower(fields.joined("connection"));
  const auto is_named = [&](std::string_view name) {
    return !named.empty() && std::ranges::any_of(split(named, ','),
                                                 [&](std::string_view token) { return trim(token) == name; });
  };
  fields.remove_if([&](const net::Field& field) {
    return contains(kConnectionFields, field.name) || drops(field.name) || is_named(field.name);
  });
  return fields;
}

}  // namespace

net::Headers request_fields(const net::Headers& from_client, std::string_view foreign_prefix) {
  return without(from_client, [&](std::string_view name) {
    return contains(kClientFields, name) || name.starts_with("x-forwarded-") ||
           (!foreign_prefix.empty() && name.starts_with(foreign_prefix));
  });
}

net::Headers response_fields(net::Headers from_provider) {
  return without(std::move(from_provider),
                 [](std::string_view name) { return contains(kProviderFields, name); });
}

}  // namespace weir::model
