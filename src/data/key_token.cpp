#include "data/key_token.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/text.h"

namespace weir::data {
namespace {

constexpr std::size_t kIdSize = 12;
constexpr std::size_t kSecretSize = 43;     // 62^43 > 2^256
constexpr std::size_t kChecksumSize = 6;    // 62^6 > 2^32
constexpr std::size_t kTokenSizeMax = 128;  // what is longer is not hashed

std::string checksum(std::string_view text) {
  const std::uint32_t value = crc32(text);
  std::array<std::byte, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(value >> (24 - 8 * i));
  return to_base62(bytes, kChecksumSize);
}

template <std::size_t N>
std::string random_base62(Random& random, std::size_t width) {
  std::array<std::byte, N> bytes{};
  random.fill(bytes);
  return to_base62(bytes, width);
}

bool is_base62(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

}  // namespace

std::string new_key_id(Random& random) {
  return random_base62<9>(random, kIdSize);
}

Secret new_key_secret(Random& random) {
  return Secret(random_base62<32>(random, kSecretSize));
}

Secret make_key_token(std::string_view environment, std::string_view id, const Secret& secret) {
  std::string token = "weir_" + std::string(environment) + "_" + std::string(id) + "_";
  token += secret.reveal();
  const std::string check = checksum(token);
  return Secret(token + "_" + check);
}

std::optional<KeyTokenParts> parse_key_token(std::string_view token) {
  if (token.size() > kTokenSizeMax) return std::nullopt;
  const auto parts = split(token, '_');
  if (parts.size() != 5 || parts[0] != "weir" || parts[1].empty()) return std::nullopt;
  const KeyTokenParts found{.id = parts[2], .secret = parts[3]};
  if (found.id.size() != kIdSize || found.secret.size() != kSecretSize) return std::nullopt;
  if (!std::ranges::all_of(parts, is_base62)) return std::nullopt;
  const std::string_view checked = token.substr(0, token.size() - parts[4].size() - 1);
  if (checksum(checked) != parts[4]) return std::nullopt;
  return found;
}

std::string hash_key_secret(std::string_view secret) {
  return to_hex(sha256(secret));
}

}  // namespace weir::data
