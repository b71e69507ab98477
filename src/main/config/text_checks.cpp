#include "main/config/text_checks.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace weir::main {
namespace {

struct SplitUrl {
  std::string_view scheme, authority, rest;
};

SplitUrl split_url(std::string_view text) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return {};
  const std::string_view after = text.substr(colon + 3);
  const auto end = after.find_first_of("/?#");
  return {text.substr(0, colon), after.substr(0, end),
          end == std::string_view::npos ? std::string_view() : after.substr(end)};
}

bool is_authority(std::string_view authority) {
  const auto colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  if (has_port) {
    const auto port = parse_int(authority.substr(colon + 1));
    if (!port || *port < 1 || *port > 65'535) return false;
    authority = authority.substr(0, colon);
  }
  return !authority.empty() && authority.find_first_of("@*, \t\\%\"'<>") == std::string_view::npos;
}

}  // namespace

Result<> not_empty(std::string_view text) {
  if (text.empty()) return fail(Code::invalid_request, "must not be empty");
  return {};
}

Result<> exact_origin(std::string_view text) {
  const SplitUrl url = split_url(text);
  const std::string shown = "\"" + std::string(text) + "\"";
  if (text == "*") {
    return fail(Code::invalid_request, "must name each origin; \"*\" would admit every site",
                "list them: https://app.example.com,https://admin.example.com");
  }
  // A browser leaves its scheme's own port out, so an entry that names it would never match.
  const bool own_port = url.authority.ends_with(url.scheme == "https" ? ":443" : ":80");
  if ((url.scheme != "https" && url.scheme != "http") || !is_authority(url.authority) || !url.rest.empty() ||
      own_port || to_lower(text) != text) {
    return fail(
        Code::invalid_request, shown + " is not an exact origin",
        "write scheme://host[:port] in lower case, without path, final slash or the scheme's own port");
  }
  return {};
}

Result<> http_url(std::string_view text) {
  const SplitUrl url = split_url(text);
  if ((url.scheme != "https" && url.scheme != "http") || !is_authority(url.authority) ||
      url.rest.find_first_of("?#") != std::string_view::npos) {
    return fail(Code::invalid_request, "\"" + std::string(text) + "\" is not the base of an HTTP API",
                "write https://host[:port][/path]");
  }
  return {};
}

Result<> header_pattern(std::string_view text) {
  constexpr std::string_view token =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 ||
      text.substr(0, colon).find_first_not_of(token) != std::string_view::npos) {
    return fail(Code::invalid_request, "\"" + std::string(text) + "\" is not a field and a pattern",
                "write \"name: glob\", such as \"x-team: search*\"");
  }
  return {};
}

Result<> model_pair(std::string_view text) {
  const auto equals = text.find('=');
  if (equals != std::string_view::npos && !trim(text.substr(0, equals)).empty() &&
      !trim(text.substr(equals + 1)).empty()) {
    return {};
  }
  return fail(Code::invalid_request, "\"" + std::string(text) + "\" is not a model's name and its id",
              "write \"name=id\", such as \"claude-opus-4-5=my-deployment\"");
}

Result<> signing_pair(std::string_view text) {
  const auto equals = text.find('=');
  if (equals != std::string_view::npos && equals > 0 && equals + 1 < text.size()) return {};
  return fail(Code::invalid_request, "has an entry that is not an access key's id and its secret",
              "write each as \"ID=SECRET\", such as \"AKIAEXAMPLE=secret\"");
}

Result<> empty_or_http_url(std::string_view text) {
  return text.empty() ? Result<>() : http_url(text);
}

Result<> kernels_name(std::string_view text) {
  constexpr std::array<std::string_view, 5> kNames{"auto", "plain", "avx2", "avx512", "avx512_vnni"};
  if (std::ranges::find(kNames, text) != kNames.end()) return {};
  return fail(Code::invalid_request, "\"" + std::string(text) + "\" is no set of kernels",
              "use auto, plain, avx2, avx512 or avx512_vnni");
}

Result<> empty_or_sha256(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdefABCDEF";
  if (text.empty() || (text.size() == 64 && text.find_first_not_of(kHex) == std::string_view::npos))
    return {};
  return fail(Code::invalid_request, "\"" + std::string(text) + "\" is no SHA-256",
              "write the 64 hexadecimal digits that sha256sum prints");
}

}  // namespace weir::main
