#include "net/client/request_head.h"

#include "base/name_set.h"
#include "base/text.h"
#include "net/target.h"

namespace weir::net {
namespace {

bool is_target(std::string_view text) {
  return text.starts_with('/') && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

bool is_ours(std::string_view name) {
  constexpr NameSet kOurs("host", "content-length", "connection", "transfer-encoding", "keep-alive",
                          "proxy-connection", "te", "upgrade", "expect");
  return kOurs.contains(name);
}

bool expects_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

void append_host(std::string& out, const Origin& origin) {
  const bool is_v6 = origin.host.contains(':');
  if (is_v6) out += '[';
  out += origin.host;
  if (is_v6) out += ']';
  if (origin.port != (origin.tls ? 443 : 80)) {
    out += ':';
    out += std::to_string(origin.port);
  }
}

// The declared length of the body; -1: none is declared.
std::int64_t length_of(const ClientRequest& request) {
  if (request.source != nullptr) return request.source_size;
  const bool declared = !request.body.empty() || expects_body(request.method);
  return declared ? static_cast<std::int64_t>(request.body.size()) : -1;
}

Result<> check(const ClientRequest& request) {
  if (!is_token(request.method)) return fail(Code::invalid_request, "the request's method is not a token");
  if (!is_target(request.target)) {
    return fail(Code::invalid_request, "the request's target is not a path in visible ASCII",
                "percent-encode it");
  }
  const std::optional<Field> bad = request.headers.first_invalid();
  if (!bad) return {};
  if (!is_token(bad->name)) return fail(Code::invalid_request, "a header's name is not a token");
  return fail(Code::invalid_request,
              "the header \"" + std::string(bad->name) + "\" contains a control character");
}

}  // namespace

Result<std::string> request_head(const Origin& origin, const ClientRequest& request) {
  if (auto checked = check(request); !checked) return fail(checked);
  std::string head;
  head.reserve(1024);
  head += request.method;
  head += ' ';
  head += origin.base_path;
  head += request.target;
  head += " HTTP/1.1\r\nhost: ";
  append_host(head, origin);
  head += "\r\n";
  for (const Field field : request.headers) {
    if (is_ours(field.name)) continue;
    append_field_line(head, field);
  }
  if (const std::int64_t length = length_of(request); length >= 0) {
    head += "content-length: ";
    head += std::to_string(length);
    head += "\r\n";
  } else if (request.source != nullptr) {
    head += "transfer-encoding: chunked\r\n";
  }
  head += "\r\n";
  return head;
}

Result<RequestFields> request_fields(const Origin& origin, const ClientRequest& request) {
  if (auto checked = check(request); !checked) return fail(checked);
  std::string host;
  append_host(host, origin);
  RequestFields fields{{":method", request.method},
                       {":scheme", origin.tls ? "https" : "http"},
                       {":authority", std::move(host)},
                       {":path", origin.base_path + request.target}};
  for (const Field field : request.headers) {
    if (is_ours(field.name)) continue;
    fields.emplace_back(field.name, trim(field.value));  // RFC 9113 §8.2.1: no blanks around a value
  }
  if (const std::int64_t length = length_of(request); length >= 0) {
    fields.emplace_back("content-length", std::to_string(length));
  }
  return fields;
}

}  // namespace weir::net
