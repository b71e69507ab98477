#include "model/providers/token_fetch.h"

#include <algorithm>

#include "base/ip.h"
#include "base/text.h"

namespace weir::model {
namespace {

constexpr std::size_t kReasonSizeMax = 300;

// What an issuer says about a refusal: OAuth's error and error_description, AWS's and Google's message, the
// Code and Message of STS in XML; else the beginning of a text.
std::string reason_in(std::string_view body) {
  std::string out;
  const auto add = [&out](std::string_view part) {
    if (!part.empty()) out += (out.empty() ? "" : ": ") + std::string(part);
  };
  if (const auto parsed = parse_json(body)) {
    const json::value* error = find_member(*parsed, "error");
    add(string_member(*parsed, "error"));
    if (error != nullptr && error->is_object()) add(string_member(*error, "message"));
    for (const std::string_view name : {"error_description", "message", "Message", "Code"}) {
      add(string_member(*parsed, name));
    }
  } else {
    for (const std::string_view name : {"Code", "Message"}) {
      const std::string open = "<" + std::string(name) + ">";
      const std::size_t at = body.find(open);
      const std::size_t end = at == std::string_view::npos ? at : body.find("</", at);
      if (end != std::string_view::npos) add(body.substr(at + open.size(), end - at - open.size()));
    }
    if (out.empty() && !body.starts_with('<')) add(trim(body));
  }
  const std::string first_line = out.substr(0, out.find_first_of("\r\n")).substr(0, kReasonSizeMax);
  return is_valid_utf8(first_line) ? first_line : std::string();
}

std::unexpected<Error> refused(const IssuerRequest& request, int status, std::string_view body) {
  const std::string reason = reason_in(body);
  const bool is_ours = status >= 400 && status < 500 && status != 408 && status != 429;
  return fail(is_ours ? Code::unavailable : Code::upstream_failed,
              request.name + " answered with status " + std::to_string(status) +
                  (reason.empty() ? "" : ": " + reason),
              request.hint);
}

}  // namespace

Task<Result<IssuerAnswer>> ask_issuer(net::HttpClient& client, IssuerRequest request) {
  request.request.body = request.body;
  net::ClientRequest sent = request.request;
  auto response = co_await client.send(request.origin, std::move(sent), kIssuerTimeouts);
  if (!response) {
    co_return fail(response.error().code, request.name + " cannot be reached: " + response.error().message,
                   request.hint);
  }
  auto body = co_await net::read_all(**response, kIssuerAnswerSizeMax);
  if (!body) {
    co_return fail(body.error().code, "the answer of " + request.name + " broke off: " + body.error().message,
                   request.hint);
  }
  const int status = (*response)->status();
  if (status < 200 || status > 299) co_return refused(request, status, *body);
  IssuerAnswer answer{.headers = (*response)->headers(), .body = *std::move(body)};
  co_return answer;
}

IssuerRequest form_request(net::Origin origin, std::string target,
                           const std::vector<std::pair<std::string_view, std::string_view>>& fields) {
  IssuerRequest out;
  out.origin = std::move(origin);
  out.request.method = "POST";
  out.request.target = std::move(target);
  out.request.headers.add("content-type", "application/x-www-form-urlencoded");
  out.request.headers.add("accept", "application/json");
  for (const auto& [name, value] : fields) {
    out.body += (out.body.empty() ? "" : "&") + std::string(name) + "=" + percent_encode(value);
  }
  return out;
}

Result<Token> oauth_token(std::string_view body, WallTime now, std::string_view issuer) {
  const auto parsed = parse_json(body);
  const std::string_view token = parsed ? string_member(*parsed, "access_token") : std::string_view();
  const json::value* life = parsed ? find_member(*parsed, "expires_in") : nullptr;
  std::optional<std::int64_t> seconds;
  if (life != nullptr && life->is_int64()) seconds = life->get_int64();
  if (life != nullptr && life->is_string())
    seconds = parse_int(life->get_string());  // Azure's older endpoints
  if (token.empty() || !seconds || *seconds < 0 || *seconds > 10LL * 365 * 86'400) {
    return fail(Code::upstream_failed, std::string(issuer) + " gave no access_token with expires_in",
                "check that the configured URL is that of a token endpoint");
  }
  return Token{.value = Secret(std::string(token)), .expires_at = now + std::chrono::seconds(*seconds)};
}

Result<Endpoint> parse_endpoint(std::string_view url, std::string_view where) {
  const std::size_t authority_at = url.find("://");
  const std::size_t path_at = authority_at == std::string_view::npos
                                  ? url.size()
                                  : std::min(url.find_first_of("/?", authority_at + 3), url.size());
  auto origin = net::Origin::parse(url.substr(0, path_at));
  if (!origin)
    return fail(Code::invalid_request, std::string(where) + " is no URL: " + origin.error().message,
                origin.error().hint);
  std::string target(url.substr(path_at));
  if (!target.starts_with('/')) target.insert(0, "/");
  return Endpoint{.origin = *std::move(origin), .target = std::move(target)};
}

bool keeps_secrets(const net::Origin& origin) {
  const auto address = IpAddress::parse(origin.host);
  return origin.tls || origin.host == "localhost" || (address && address->is_loopback());
}

Result<Endpoint> parse_secret_endpoint(std::string_view url, std::string_view where) {
  auto endpoint = parse_endpoint(url, where);
  if (endpoint && !keeps_secrets(endpoint->origin)) {
    return fail(Code::invalid_request, std::string(where) + " would send secrets in clear text", "use https");
  }
  return endpoint;
}

}  // namespace weir::model
