// X-Forwarded-For: whatever it says, an untrusted peer stays who it is, and a trusted one's answer is
// an address that the field names, or the peer.
#include <cstdint>
#include <string_view>
#include <vector>

#include "edge/policies/client_address.h"
#include "edge/policies/request_id.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view field(reinterpret_cast<const char*>(data), size);
  const std::vector<weir::Cidr> trusted{*weir::Cidr::parse("10.0.0.0/8"), *weir::Cidr::parse("fd00::/8")};
  const auto stranger = *weir::IpAddress::parse("192.0.2.1");
  const auto proxy = *weir::IpAddress::parse("10.0.0.1");
  if (weir::edge::client_behind(stranger, field, trusted) != stranger) __builtin_trap();
  const auto client = weir::edge::client_behind(proxy, field, trusted);
  if (client != proxy) {
    // Found again by its own spelling, so that logs and limits speak of one client.
    const auto again = weir::edge::parse_forwarded_address(client.to_string());
    if (!again || *again != client) __builtin_trap();
  }
  (void)weir::edge::parse_traceparent(field);
  return 0;
}
