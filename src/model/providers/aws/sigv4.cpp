#include "model/providers/aws/sigv4.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <vector>

#include "base/digest.h"
#include "base/text.h"
#include "base/time_format.h"

namespace weir::model {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

// botocore's list: what something between here and AWS may add, drop or rewrite.
constexpr std::array kNeverSigned{
    "authorization"sv,
    "baggage"sv,
    "connection"sv,
    "expect"sv,
    "keep-alive"sv,
    "proxy-authenticate"sv,
    "proxy-authorization"sv,
    "te"sv,
    "traceparent"sv,
    "tracestate"sv,
    "trailer"sv,
    "transfer-encoding"sv,
    "upgrade"sv,
    "user-agent"sv,
    "x-amzn-trace-id"sv,
};

std::string hex(const Sha256& digest) {
  return to_hex(digest);
}
std::string_view bytes_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// 20261123T120000Z
std::string basic_time(WallTime now) {
  std::string text = to_rfc3339(now).substr(0, 19) + "Z";
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

// RFC 3986 §5.2.4, and doubled slashes become one.
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view segment : split(path, '/')) {
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out = "/";
  for (const std::string_view segment : kept) {
    if (out.size() > 1) out += '/';
    out += segment;
  }
  const bool is_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  if (is_folder && out.size() > 1) out += '/';
  return out;
}

// Each parameter encoded exactly once, whatever encoding it came in; sorted by name, then by value.
std::string canonical_query(std::string_view query) {
  if (query.empty()) return {};
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const std::string_view part : split(query, '&')) {
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto encoded = [](std::string_view text) {
      const auto decoded = percent_decode(text);
      return percent_encode(decoded ? std::string_view(*decoded) : text);
    };
    const std::string_view value = part.substr(std::min(equals + 1, part.size()));
    parameters.emplace_back(encoded(part.substr(0, equals)), encoded(value));
  }
  std::ranges::sort(parameters);
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out += name + "=" + value;
  }
  return out;
}

// Without white space at the ends, and with one space for each run of it inside.
std::string trimmed(std::string_view value) {
  std::string out;
  for (const char c : trim(value)) {
    const bool is_space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!is_space) {
      out += c;
    } else if (!out.ends_with(' ')) {
      out += ' ';
    }
  }
  return out;
}

// Name → values joined with ",", in the order of names.
std::map<std::string, std::string> signed_fields(const net::Headers& request, const net::Headers& added) {
  std::map<std::string, std::string> fields;
  const auto take = [&fields](const net::Headers& headers) {
    for (const net::Field field : headers) {
      if (std::ranges::find(kNeverSigned, field.name) != kNeverSigned.end()) continue;
      const auto [at, is_new] = fields.emplace(field.name, trimmed(field.value));
      if (!is_new) at->second += "," + trimmed(field.value);
    }
  };
  take(request);
  take(added);
  return fields;
}

std::string signing_key(const Secret& secret, std::string_view date, const SigningScope& scope) {
  std::string key = "AWS4" + std::string(secret.reveal());
  for (const std::string_view step : {date, std::string_view(scope.region), std::string_view(scope.service),
                                      std::string_view("aws4_request")}) {
    key = bytes_of(hmac_sha256(key, step));
  }
  return key;
}

struct Steps {
  std::string names;  // of the fields, "host;x-amz-date"
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;
};

std::string scope_text(std::string_view date, const SigningScope& scope) {
  return std::string(date) + "/" + scope.region + "/" + scope.service + "/aws4_request";
}

Steps take_steps(const SigningRequest& request, const std::map<std::string, std::string>& fields,
                 const Secret& secret, const SigningScope& scope, std::string_view time,
                 std::string_view body_hash, bool normalize_path) {
  Steps out;
  std::string canonical_fields;
  for (const auto& [name, value] : fields) {
    canonical_fields += name + ":" + value + "\n";
    out.names += (out.names.empty() ? "" : ";") + name;
  }
  const std::string path = normalize_path ? without_dot_segments(request.path) : std::string(request.path);
  out.canonical_request = std::string(request.method) + "\n" + percent_encode(path, "/") + "\n" +
                          canonical_query(request.query) + "\n" + canonical_fields + "\n" + out.names + "\n" +
                          std::string(body_hash);
  const std::string_view date = time.substr(0, 8);
  out.string_to_sign = std::string(kAlgorithm) + "\n" + std::string(time) + "\n" + scope_text(date, scope) +
                       "\n" + hex(sha256(out.canonical_request));
  out.signature = hex(hmac_sha256(signing_key(secret, date, scope), out.string_to_sign));
  return out;
}

}  // namespace

Signature sign_v4(const SigningRequest& request, const AwsKeys& keys, const SigningScope& scope, WallTime now,
                  const SigningOptions& options) {
  Signature out;
  const std::string time = basic_time(now);
  const std::string date = time.substr(0, 8);
  const std::string body_hash = hex(sha256(request.body));
  out.headers.add("x-amz-date", time);
  if (options.send_body_hash) out.headers.add("x-amz-content-sha256", body_hash);
  const auto add_token = [&] {
    if (!keys.session_token.empty()) out.headers.add("x-amz-security-token", keys.session_token.reveal());
  };
  if (options.sign_session_token) add_token();

  const auto fields = signed_fields(request.headers, out.headers);
  Steps steps =
      take_steps(request, fields, keys.secret_access_key, scope, time, body_hash, options.normalize_path);
  out.canonical_request = std::move(steps.canonical_request);
  out.string_to_sign = std::move(steps.string_to_sign);
  out.signature = std::move(steps.signature);
  if (!options.sign_session_token) add_token();
  out.headers.add("authorization", std::string(kAlgorithm) + " Credential=" + keys.access_key_id + "/" +
                                       scope_text(date, scope) + ", SignedHeaders=" + steps.names +
                                       ", Signature=" + out.signature);
  return out;
}

std::string signature_v4(const SigningRequest& request, const std::vector<std::string>& names,
                         const Secret& secret, const SigningScope& scope, std::string_view time) {
  std::map<std::string, std::string> fields;
  for (const net::Field field : request.headers) {
    if (std::ranges::find(names, field.name) == names.end()) continue;
    const auto [at, is_new] = fields.emplace(field.name, trimmed(field.value));
    if (!is_new) at->second += "," + trimmed(field.value);
  }
  return take_steps(request, fields, secret, scope, time, hex(sha256(request.body)), true).signature;
}

}  // namespace weir::model
