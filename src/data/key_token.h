// data/key_token.h: the form of an API key's token (data/keys.h describes it). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

namespace weir::data {

// Views into the token that was parsed.
struct KeyTokenParts {
  std::string_view id;
  std::string_view secret;
};

std::string new_key_id(Random& random);  // 12 base62 characters
Secret new_key_secret(Random& random);   // 32 random bytes as 43 base62 characters
// environment: letters and digits, for example "live".
Secret make_key_token(std::string_view environment, std::string_view id, const Secret& secret);
// nullopt: not our form, or the checksum is wrong. No look-up and no secret is needed to tell.
std::optional<KeyTokenParts> parse_key_token(std::string_view token);
std::string hash_key_secret(std::string_view secret);  // SHA-256, hex

}  // namespace weir::data
