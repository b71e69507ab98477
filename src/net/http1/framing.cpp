#include "net/http1/framing.h"

#include <llhttp.h>

#include <algorithm>

#include "base/text.h"
#include "net/target.h"

namespace weir::net::http1 {
namespace {

// Collects the fields of one head that llhttp sees in one piece.
struct FieldCollector {
  Headers* headers = nullptr;
  std::string_view name;
  std::string_view value;
  bool valid = true;
  bool complete = false;
};

FieldCollector& collector(llhttp_t* parser) {
  return *static_cast<FieldCollector*>(parser->data);
}

std::string_view trim_ows(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

const llhttp_settings_t& settings() {
  static const llhttp_settings_t kSettings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_header_field = [](llhttp_t* p, const char* at, std::size_t size) {
      collector(p).name = {at, size};
      collector(p).value = {};
      return 0;
    };
    s.on_header_value = [](llhttp_t* p, const char* at, std::size_t size) {
      collector(p).value = {at, size};
      return 0;
    };
    s.on_header_value_complete = [](llhttp_t* p) {
      FieldCollector& fields = collector(p);
      // RFC 9112 §5.1: no whitespace before the colon; llhttp lets a space pass.
      fields.valid = fields.valid && is_token(fields.name);
      fields.headers->add_valid(fields.name, trim_ows(fields.value));
      return 0;
    };
    s.on_headers_complete = [](llhttp_t*) { return 1; };  // the body is not llhttp's
    s.on_message_complete = [](llhttp_t* p) {
      collector(p).complete = true;
      return 0;
    };
    return s;
  }();
  return kSettings;
}

std::optional<Refusal> check_version(std::string_view version, Request& request) {
  if (version == "HTTP/1.1") {
    request.version = HttpVersion::http11;
  } else if (version == "HTTP/1.0") {
    request.version = HttpVersion::http10;
  } else if (version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' && version[5] >= '0' &&
             version[5] <= '9' && version[7] >= '0' && version[7] <= '9') {
    return Refusal{505, "version", "only HTTP/1.0, HTTP/1.1 and HTTP/2 are spoken here"};
  } else {
    return Refusal{400, "request_line", "the request line does not end with an HTTP version"};
  }
  return std::nullopt;
}

std::optional<Refusal> parse_fields(std::string_view head, Request& request) {
  FieldCollector fields{&request.headers};
  llhttp_t parser;
  llhttp_init(&parser, HTTP_REQUEST, &settings());
  parser.data = &fields;
  const llhttp_errno_t error = llhttp_execute(&parser, head.data(), head.size());
  switch (error) {
    case HPE_OK:
    case HPE_PAUSED_UPGRADE:  // an Upgrade that we ignore (RFC 9110 §7.8)
      break;
    case HPE_INVALID_METHOD: return Refusal{501, "method", "the method is not known"};
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_UNEXPECTED_CONTENT_LENGTH:
      return Refusal{400, "content_length", "the Content-Length is malformed, repeated or not alone"};
    case HPE_INVALID_TRANSFER_ENCODING:
      return Refusal{400, "transfer_encoding", "the Transfer-Encoding is malformed or not alone"};
    default: return Refusal{400, "syntax", "the request head is malformed"};
  }
  if (!fields.valid)
    return Refusal{400, "field_name", "a field name is not a token directly before its colon"};
  if (!fields.complete) return Refusal{400, "syntax", "the request head is malformed"};
  return std::nullopt;
}

// RFC 9112 §6.3, stricter: a length and a coding together, or anything said twice, is refused.
std::optional<Refusal> check_transfer_encoding(const Request& request, Framing& framing) {
  const std::string codings = to_lower(request.headers.joined("transfer-encoding"));
  if (request.version == HttpVersion::http10) {
    return Refusal{400, "transfer_encoding", "Transfer-Encoding is not part of HTTP/1.0"};
  }
  if (request.headers.contains("content-length")) {
    return Refusal{400, "length_and_coding", "Content-Length and Transfer-Encoding must not stand together"};
  }
  if (codings == "chunked") {
    framing.chunked = true;
    return std::nullopt;
  }
  const std::vector<std::string_view> parts = split(codings, ',');
  const auto is_chunked = [](std::string_view part) { return trim_ows(part) == "chunked"; };
  if (!is_chunked(parts.back())) {
    return Refusal{400, "transfer_encoding", "the last transfer coding must be chunked"};
  }
  if (std::count_if(parts.begin(), parts.end(), is_chunked) > 1) {
    return Refusal{400, "transfer_encoding", "chunked must not be applied twice"};
  }
  if (std::any_of(parts.begin(), parts.end(), [](std::string_view part) { return trim_ows(part).empty(); })) {
    return Refusal{400, "transfer_encoding", "a transfer coding is missing between commas"};
  }
  return Refusal{501, "transfer_encoding", "no transfer coding but chunked is supported"};
}

std::optional<Refusal> check_body(const ServerConfig& limits, Request& request, Framing& framing) {
  // What CGI has made of field names since 1993: some server behind us could read them as framing.
  for (const std::string_view name : {"content_length", "transfer_encoding"}) {
    if (request.headers.contains(name)) {
      return Refusal{400, "field_name", "a field of framing is written with an underscore"};
    }
  }
  if (request.headers.contains("transfer-encoding")) {
    auto refusal = check_transfer_encoding(request, framing);
    request.has_body = framing.chunked;
    return refusal;
  }
  request.content_length = 0;
  const std::size_t lengths = request.headers.count("content-length");
  if (lengths == 0) return std::nullopt;
  const std::string_view text = request.headers.get("content-length");
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  const auto length = digits ? parse_int(text) : std::nullopt;
  if (lengths > 1 || !length) {
    return Refusal{400, "content_length", "Content-Length must be one decimal number"};
  }
  request.content_length = *length;
  framing.content_length = static_cast<std::uint64_t>(*length);
  request.has_body = *length > 0;
  if (framing.content_length > limits.body_size_max) {
    return Refusal{413, "body_size", "the request body is too large"};
  }
  return std::nullopt;
}

// RFC 9112 §3.2: exactly one Host in HTTP/1.1, and a valid one wherever it stands.
std::optional<Refusal> check_host(Request& request) {
  const std::size_t hosts = request.headers.count("host");
  if (hosts == 0 && request.version == HttpVersion::http10) return std::nullopt;
  const std::string_view host = request.headers.get("host");
  if (hosts != 1 || !is_valid_authority(host)) {
    return Refusal{400, "host", "the request needs exactly one valid Host"};
  }
  request.authority = host;
  return std::nullopt;
}

// RFC 9112 §3.2.1 to §3.2.4. Replaces an absolute-form by its origin-form and its authority (§3.2.2).
std::optional<Refusal> check_target(Request& request) {
  if (request.method == "CONNECT") return Refusal{501, "method", "this server is no tunnel"};
  if (request.target == "*") {
    if (request.method != "OPTIONS") return Refusal{400, "target", "the target * belongs to OPTIONS"};
    request.path = "*";
    return std::nullopt;
  }
  if (!request.target.starts_with('/')) {
    const std::size_t scheme_end = request.target.find("://");
    const std::string_view scheme = std::string_view(request.target).substr(0, scheme_end);
    if (scheme_end == std::string::npos || !(iequals(scheme, "http") || iequals(scheme, "https"))) {
      return Refusal{400, "target", "the request target must begin with a slash"};
    }
    std::string rest = request.target.substr(scheme_end + 3);
    const std::size_t path_at = std::min(rest.find_first_of("/?#"), rest.size());
    request.authority = rest.substr(0, path_at);
    if (!is_valid_authority(request.authority)) {
      return Refusal{400, "target", "the authority of the request target is not valid"};
    }
    request.headers.set("host", request.authority);
    request.target = rest.substr(path_at);
    if (!request.target.starts_with('/')) request.target.insert(0, "/");
  }
  if (!parse_origin_form(request.target, request.path, request.query)) {
    return Refusal{400, "target", "the request target is malformed, or could be read in two ways"};
  }
  return std::nullopt;
}

// RFC 9112 §9.3: `close` wins; HTTP/1.0 stays open only when it asks to.
bool wants_keep_alive(const Request& request) {
  bool asked = false;
  for (const Field field : request.headers) {
    if (field.name != "connection") continue;
    for (const std::string_view option : split(field.value, ',')) {
      if (iequals(trim_ows(option), "close")) return false;
      if (iequals(trim_ows(option), "keep-alive")) asked = true;
    }
  }
  return request.version == HttpVersion::http11 || asked;
}

}  // namespace

std::optional<Refusal> parse_head(std::string_view head, Request& request) {
  const std::string_view line = head.substr(0, head.find('\r'));
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  request.method = line.substr(0, method_end);
  request.target = line.substr(method_end + 1, target_end - method_end - 1);
  request.path.clear();
  request.query.clear();
  request.authority.clear();
  request.headers.clear();
  request.content_length = -1;
  request.has_body = false;
  if (!is_token(request.method)) return Refusal{400, "request_line", "the method is not a token"};
  auto refusal = check_version(line.substr(target_end + 1), request);
  if (!refusal && request.method == "CONNECT") refusal = check_target(request);
  if (!refusal) refusal = parse_fields(head, request);
  return refusal;
}

std::optional<Refusal> check_head(const ServerConfig& limits, Request& request, Framing& framing) {
  auto refusal = check_host(request);
  if (!refusal) refusal = check_target(request);
  if (!refusal) refusal = check_body(limits, request, framing);
  if (refusal) return refusal;
  framing.keep_alive = wants_keep_alive(request);
  const std::string_view expect = request.headers.get("expect");
  if (expect.empty()) return std::nullopt;
  if (!iequals(expect, "100-continue") || request.headers.count("expect") > 1) {
    return Refusal{417, "expect", "no expectation but 100-continue is supported"};
  }
  // RFC 9110 §10.1.1: the expectation of an HTTP/1.0 client is ignored.
  framing.expects_continue = request.has_body && request.version == HttpVersion::http11;
  return std::nullopt;
}

}  // namespace weir::net::http1
