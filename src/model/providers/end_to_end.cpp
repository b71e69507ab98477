#include "model/providers/end_to_end.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/name_set.h"
#include "base/text.h"

namespace weir::model {
namespace {

constexpr NameSet kConnectionFields("connection", "content-length", "http2-settings", "keep-alive",
                                    "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
                                    "trailer", "transfer-encoding", "upgrade");
// Credentials, what is Weir's own, and what tells where the client is, by whichever proxy.
constexpr NameSet kClientFields("accept-encoding", "api-key", "authorization", "cf-connecting-ip", "cookie",
                                "expect", "fastly-client-ip", "forwarded", "host", "true-client-ip",
                                "x-api-key", "x-client-ip", "x-cluster-client-ip",
                                "x-original-forwarded-for", "x-real-ip", "x-weir-grace", "x-weir-resume");
constexpr NameSet kProviderFields("alt-svc", "set-cookie");

// Leaves what is neither of the connection nor dropped by `drops`.
net::Headers without(net::Headers fields, auto drops) {
  const std::string named = to_lower(fields.joined("connection"));
  const auto is_named = [&](std::string_view name) {
    return !named.empty() && std::ranges::any_of(split(named, ','),
                                                 [&](std::string_view token) { return trim(token) == name; });
  };
  fields.remove_if([&](const net::Field& field) {
    return kConnectionFields.contains(field.name) || drops(field.name) || is_named(field.name);
  });
  return fields;
}

}  // namespace

net::Headers request_fields(const net::Headers& from_client, std::string_view foreign_prefix) {
  return without(from_client, [&](std::string_view name) {
    return kClientFields.contains(name) || name.starts_with("x-forwarded-") ||
           (!foreign_prefix.empty() && name.starts_with(foreign_prefix));
  });
}

net::Headers response_fields(net::Headers from_provider) {
  return without(std::move(from_provider),
                 [](std::string_view name) { return kProviderFields.contains(name); });
}

}  // namespace weir::model
