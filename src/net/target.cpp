#include "net/target.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/ip.h"
#include "base/text.h"
#include "net/http1/syntax.h"

namespace weir::net {
namespace {

constexpr std::string_view kEscapedSlash = "%2F";

constexpr bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// RFC 3986 §3.3, without pct-encoded.
bool is_pchar(char c) {
  return is_alnum(c) || std::string_view("-._~!$&'()*+,;=:@").contains(c);
}

// RFC 3986 §3.2.2: unreserved and sub-delims; no escapes, which no host name needs.
bool is_reg_name(std::string_view host) {
  for (const char c : host) {
    if (!is_alnum(c) && !std::string_view("-._~!$&'()*+;=").contains(c)) return false;
  }
  return !host.empty();
}

std::unexpected<Error> bad_path(std::string problem) {
  return fail(Code::invalid_request, "the path " + std::move(problem));
}

// The character that the escape at raw[at] stands for.
Result<char> decode_escape(std::string_view raw, std::size_t at) {
  const int high = at + 2 < raw.size() ? hex_digit(raw[at + 1]) : -1;
  const int low = at + 2 < raw.size() ? hex_digit(raw[at + 2]) : -1;
  if (high < 0 || low < 0) return bad_path("has a malformed percent escape");
  const auto byte = static_cast<unsigned char>(high * 16 + low);
  if (byte < 0x20 || byte == 0x7F) return bad_path("has an escaped control character");
  if (byte == '/' || byte == '\\') return bad_path("has an escaped slash or backslash");
  return static_cast<char>(byte);
}

bool is_escaped_slash(std::string_view raw, std::size_t at) {
  return raw[at] == '%' && raw.substr(at + 1, 1) == "2" && iequals(raw.substr(at + 2, 1), "f");
}

// Whether a kept escape of a slash ends a segment as well as a slash does.
bool has_dot_segment(std::string_view path, bool keeps_slashes) {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::size_t escape = keeps_slashes ? path.find(kEscapedSlash) : std::string_view::npos;
    const std::size_t end = std::min(slash, escape);
    const std::string_view segment = path.substr(0, end);
    if (segment == "." || segment == "..") return true;
    if (end == std::string_view::npos) return false;
    path.remove_prefix(end + (escape < slash ? kEscapedSlash.size() : 1));
  }
  return false;
}

constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;

// Eight characters at a time (Bit Twiddling Hacks, "haszero"): lower-case letters and hyphens, of which
// nearly all names consist.
bool are_name_chars(std::uint64_t eight) {
  const std::uint64_t from_a = eight + kOnes * (0x80 - 'a');
  const std::uint64_t after_z = eight + kOnes * (0x80 - 'z' - 1);
  const std::uint64_t other_than_hyphen = (eight ^ (kOnes * '-')) + kOnes * 0x7F;
  return (eight & kHigh) == 0 && (((from_a & ~after_z) | ~other_than_hyphen) & kHigh) == kHigh;
}

// No byte is below 0x20, or 0x7F.
bool are_printable(std::uint64_t eight) {
  const std::uint64_t controls = (eight - kOnes * 0x20) & ~eight;
  const std::uint64_t rubouts = ((eight ^ (kOnes * 0x7F)) - kOnes) & ~(eight ^ (kOnes * 0x7F));
  return ((controls | rubouts) & kHigh) == 0;
}

// Whether `are_plain` holds for all of `text`. False also where that cannot be told eight at a time.
bool is_plain(std::string_view text, auto are_plain) {
  if (text.size() < 8) return false;
  std::uint64_t eight = 0;
  for (std::size_t i = 0; i < text.size() - 8; i += 8) {
    std::memcpy(&eight, text.data() + i, 8);
    if (!are_plain(eight)) return false;
  }
  std::memcpy(&eight, text.data() + text.size() - 8, 8);  // the last ones overlap those before
  return are_plain(eight);
}

}  // namespace

bool is_token(std::string_view text) {
  constexpr auto kTokenChars = [] {
    std::array<bool, 256> allowed{};
    for (std::size_t c = 0; c < allowed.size(); ++c) {
      const char ascii = static_cast<char>(c);
      allowed[c] = c < 0x80 && (is_alnum(ascii) || std::string_view("!#$%&'*+-.^_`|~").contains(ascii));
    }
    allowed[0] = false;
    return allowed;
  }();
  if (is_plain(text, are_name_chars)) return true;
  for (const char c : text) {
    if (!kTokenChars[static_cast<unsigned char>(c)]) return false;
  }
  return !text.empty();
}

bool is_field_value(std::string_view text) {
  return is_plain(text, are_printable) || std::ranges::all_of(text, http1::is_field_char);
}

Result<> decode_path(std::string_view raw, std::string& out) {
  out.clear();
  if (!raw.starts_with('/')) return bad_path("does not begin with a slash");
  bool ascii = true;
  const bool keeps_slashes = raw.starts_with(kEscapedSlashRoot);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (keeps_slashes && is_escaped_slash(raw, i)) {
      out += kEscapedSlash;
      i += 2;
      continue;
    }
    if (c == '%') {
      auto decoded = decode_escape(raw, i);
      if (!decoded) return fail(decoded);
      c = *decoded;
      i += 2;
      ascii = ascii && static_cast<unsigned char>(c) < 0x80;
    } else if (c != '/' && !is_pchar(c)) {
      return bad_path("has a character that must be percent-encoded");
    }
    out += c;
  }
  if (!ascii && !is_valid_utf8(out)) return bad_path("is not valid UTF-8");
  if (has_dot_segment(out, keeps_slashes)) return bad_path("has dot segments");
  return {};
}

Result<> parse_origin_form(std::string_view target, std::string& path, std::string& query) {
  if (target.contains('#')) return fail(Code::invalid_request, "the request target has a fragment");
  const std::size_t mark = target.find('?');
  query.clear();
  if (mark != std::string_view::npos) query = target.substr(mark + 1);
  return decode_path(target.substr(0, mark), path);
}

bool is_valid_authority(std::string_view authority) {
  std::string_view host = authority;
  std::string_view port;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return false;
    port = host.substr(end + 1);
    const auto address = IpAddress::parse(host.substr(1, end - 1));
    if (!address || !host.substr(1, end - 1).contains(':')) return false;
    if (!port.empty() && !port.starts_with(':')) return false;
  } else {
    const std::size_t colon = host.find(':');
    if (colon != std::string_view::npos) port = host.substr(colon);
    if (!is_reg_name(host.substr(0, colon))) return false;
  }
  if (port.empty()) return true;
  port.remove_prefix(1);
  const bool digits = port.find_first_not_of("0123456789") == std::string_view::npos;
  const auto number = port.size() <= 5 && digits ? parse_int(port) : std::nullopt;
  return port.empty() || (number && *number <= 65'535);
}

}  // namespace weir::net
