// model/providers/token_fetch.h: one small request to whoever issues tokens, and its answer.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/task.h"
#include "model/providers/token_source.h"
#include "net/http_client.h"

namespace weir::model {

// An issuer is near (a metadata service) or fast; a request waits for it.
constexpr net::ClientTimeouts kIssuerTimeouts{.connect = std::chrono::milliseconds(2'000),
                                              .first_byte = std::chrono::milliseconds(10'000),
                                              .idle = std::chrono::milliseconds(5'000)};
constexpr std::size_t kIssuerAnswerSizeMax = 256 * 1024;

struct IssuerRequest {
  net::Origin origin;
  net::ClientRequest request;  // its body is in `body`
  std::string body = {};
  std::string name;  // of the issuer, for errors: "Google's token endpoint"
  std::string hint;  // what to mend when it refuses: "check the key in /path"
};

struct IssuerAnswer {
  net::Headers headers;
  std::string body;
};

// The body of a 2xx answer. Errors carry the issuer's name and hint: upstream_failed and timed_out as the
// client says; unavailable when it refuses (4xx), with the reason that it gives, never the request.
Task<Result<IssuerAnswer>> ask_issuer(net::HttpClient& client, IssuerRequest request);

// POST of a form (application/x-www-form-urlencoded).
IssuerRequest form_request(net::Origin origin, std::string target,
                           const std::vector<std::pair<std::string_view, std::string_view>>& fields);

// {"access_token", "expires_in"} of OAuth 2 (RFC 6749 §5.1). upstream_failed: it is something else.
Result<Token> oauth_token(std::string_view body, WallTime now, std::string_view issuer);

// A URL as an origin and the target below it: the base path of the origin stays empty.
struct Endpoint {
  net::Origin origin;
  std::string target;
};
// invalid_request, naming `where` the URL came from; also for one that would carry secrets in clear text.
Result<Endpoint> parse_secret_endpoint(std::string_view url, std::string_view where);
// The same, whatever the scheme.
Result<Endpoint> parse_endpoint(std::string_view url, std::string_view where);

// Secrets may go there: TLS, or this machine.
bool keeps_secrets(const net::Origin& origin);

}  // namespace weir::model
