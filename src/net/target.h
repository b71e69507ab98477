// net/target.h: request targets and authorities, checked once for HTTP/1.1 and HTTP/2.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::net {

// RFC 9110 §5.6.2.
bool is_token(std::string_view text);
// Free of control characters but HTAB (RFC 9110 §5.5).
bool is_field_value(std::string_view text);

// The path of an origin-form target, percent-decoded exactly once. What could make two readers of the
// same path disagree is refused (invalid_request): malformed escapes, control characters, encoded
// slashes and backslashes, dot segments in any spelling, bytes that are not UTF-8, characters outside
// RFC 3986's pchar. A doubly encoded character stays encoded. Writes into `out`.
// Below kEscapedSlashRoot an escaped slash is kept, as "%2F": Amazon Bedrock's clients name models by ARNs,
// which hold slashes. A path that would have dot segments with it decoded is refused there too.
constexpr std::string_view kEscapedSlashRoot = "/model/";
Result<> decode_path(std::string_view raw, std::string& out);

// Splits an origin-form target ("/path?query") and decodes its path. A fragment is refused.
Result<> parse_origin_form(std::string_view target, std::string& path, std::string& query);

// uri-host [ ":" port ] (RFC 3986 §3.2.2), not empty, without user information.
bool is_valid_authority(std::string_view authority);

}  // namespace weir::net
