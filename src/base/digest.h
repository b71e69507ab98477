// base/digest.h: hashes and the constant-time comparison (OpenSSL's).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir {

using Sha256 = std::array<std::byte, 32>;  // FIPS 180-4

Sha256 sha256(std::string_view bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);  // RFC 2104
std::uint32_t crc32(std::string_view bytes);                       // ISO 3309, as in zlib
// Takes as long for equal as for different contents; false at once when the sizes differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace weir
