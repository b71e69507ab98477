#include "base/ip.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/text.h"

namespace weir {

IpAddress IpAddress::from_v4(std::uint32_t host_order) {
  IpAddress out;
  out.bytes_[10] = out.bytes_[11] = 0xFF;
  for (std::size_t i = 0; i < 4; ++i) {
    out.bytes_[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  }
  return out;
}

IpAddress IpAddress::from_v6(const std::array<std::uint8_t, 16>& bytes) {
  IpAddress out;
  out.bytes_ = bytes;
  return out;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string copy(text);
  if (copy.find('\0') != std::string::npos) return std::nullopt;  // inet_pton would stop there
  in_addr v4{};
  if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) return from_v4(ntohl(v4.s_addr));
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return from_v6(bytes);
  return std::nullopt;
}

bool IpAddress::is_v4() const {
  return std::all_of(bytes_.begin(), bytes_.begin() + 10, [](auto b) { return b == 0; }) &&
         bytes_[10] == 0xFF && bytes_[11] == 0xFF;
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[12] == 127;
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](auto b) { return b == 0; }) && bytes_[15] == 1;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (!is_v4()) {
    inet_ntop(AF_INET6, bytes_.data(), buffer.data(), buffer.size());
    return buffer.data();
  }
  // Asked for every request: inet_ntop would take ten times as long by way of sprintf.
  char* end = buffer.data();
  for (std::size_t i = 12; i < 16; ++i) {
    if (i > 12) *end++ = '.';
    end = std::to_chars(end, buffer.data() + buffer.size(), bytes_[i]).ptr;
  }
  return {buffer.data(), end};
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int width = address->is_v4() ? 32 : 128;
  int prefix = width;
  if (slash != std::string_view::npos) {
    const auto bits = parse_int(text.substr(slash + 1));
    if (!bits || *bits < 0 || *bits > width) return std::nullopt;
    prefix = static_cast<int>(*bits);
  }
  Cidr out;
  out.network_ = *address;
  out.prefix_bits_ = prefix + (128 - width);
  return out;
}

bool Cidr::contains(const IpAddress& address) const {
  const auto& a = network_.bytes();
  const auto& b = address.bytes();
  const auto whole = static_cast<std::size_t>(prefix_bits_ / 8);
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) return false;
  const int rest = prefix_bits_ % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

std::string Cidr::to_string() const {
  const int bits = network_.is_v4() ? prefix_bits_ - 96 : prefix_bits_;
  return network_.to_string() + "/" + std::to_string(bits);
}

}  // namespace weir
