// Every route through every policy: the handler is a stand-in, everything before it is real.
#include "edge/pipeline.h"

#include <doctest/doctest.h>
#include <unistd.h>
#include <boost/system/system_error.hpp>

#include "base/json.h"
#include "edge_fakes.h"

namespace weir::edge {
namespace {

using test::CapturedResponse;

// What one request is made of; the path is one that the route's pattern matches.
struct Ask {
  std::string method = "GET";
  std::string target = "/api/documents";
  net::Headers headers;
  std::string body;
  std::string peer = "192.0.2.1";
  std::string authority = "127.0.0.1:8080";
  bool secure = false;
};

struct Edge {
  Edge() { config.rate_limit = {.count = 5, .window = std::chrono::seconds(900)}; }

  CapturedResponse ask(const Ask& wanted) {
    CapturedResponse captured;
    net::StringBody body(wanted.body);
    net::Request request = test::request_of(wanted.method, wanted.target, body, !wanted.body.empty());
    request.headers = wanted.headers;
    request.peer = *IpAddress::parse(wanted.peer);
    request.authority = wanted.authority;
    request.secure = wanted.secure;
    if (!wanted.body.empty()) request.content_length = static_cast<std::int64_t>(wanted.body.size());
    Admission admission(config, keys, limits, clock, random);
    admission.in_flight = in_flight;
    Pipeline pipeline(admission, access_log, log, [this](Exchange& exchange) { return handle(exchange); });
    test::run(pipeline.run(request, captured));
    CHECK(admission.in_flight == in_flight);
    return captured;
  }

  Task<Result<>> handle(Exchange& exchange) {
    ++handled;
    principal = exchange.principal;
    client = exchange.client_text;
    if (throws_cancelled)
      throw boost::system::system_error(make_error_code(boost::system::errc::operation_canceled));
    if (throws_bug) throw std::runtime_error("a bug");
    if (breaks_off) {
      co_await exchange.out.start(net::ResponseHead(), -1);
      co_return fail(Code::upstream_failed, "the provider left");
    }
    net::Response response;
    response.body = "ok";
    co_return co_await exchange.out.send(std::move(response));
  }

  std::string metrics_text() const { return metrics.prometheus_text(); }

  EdgeConfig config;
  test::KnownKeys keys;
  test::CountingLimits limits;
  ManualClock clock;
  SeededRandom random{7};
  observe::Log log{observe::LogConfig{.level = observe::Level::error, .format = observe::LogFormat::json},
                   clock, 2};
  observe::Metrics metrics;
  AccessLog access_log{clock, log, metrics};
  std::uint32_t in_flight = 0;
  int handled = 0;
  data::Principal principal;
  std::string client;
  bool throws_cancelled = false;
  bool throws_bug = false;
  bool breaks_off = false;
};

std::string path_for(const Route& route) {
  std::string path(route.pattern);
  if (const auto open = path.find_first_of("{*"); open != path.npos) {
    path.replace(open, path.find_first_of("}*", open) + 1 - open, "x1");
  }
  return path;
}

Ask ask_for(const Route& route) {
  Ask wanted{.method = std::string(route.method), .target = path_for(route)};
  if (route.body != BodyRule::none) {
    wanted.headers.add("content-type", "application/json");
    wanted.body = "{}";
  }
  return wanted;
}

std::string code_of(const CapturedResponse& response) {
  const auto body = parse_json(response.body).value();
  return std::string(string_member(body, "code"));
}

TEST_CASE("every route but the exempt ones: 401 without a key, 200 with one, 429 over the limit") {
  for (const Route& route : route_table()) {
    CAPTURE(route.pattern);
    CAPTURE(route.method);
    Edge edge;
    edge.config.keys_required = true;
    edge.config.static_keys = {Secret("sk-test")};
    const Ask anonymous = ask_for(route);
    Ask authenticated = anonymous;
    authenticated.headers.add("authorization", "Bearer sk-test");

    CHECK(edge.ask(anonymous).status == (route.exempt == Exempt::nothing ? 401 : 200));
    CHECK(edge.ask(authenticated).status == 200);
    for (int i = 0; i < 5; ++i) edge.ask(authenticated);
    const auto refused = edge.ask(authenticated);
    if (route.exempt == Exempt::admission) {
      CHECK(refused.status == 200);
      CHECK_FALSE(refused.headers.contains("ratelimit"));
      continue;
    }
    CHECK(refused.status == 429);
    CHECK(refused.headers.get("retry-after") == "317");
    CHECK(refused.headers.get("ratelimit-policy") == "\"default\";q=5;w=900");
    CHECK(refused.headers.get("ratelimit") == "\"default\";r=0;t=317");
    const auto body = parse_json(refused.body).value();
    if (route.shape == ApiShape::anthropic) {
      CHECK(string_member(*find_member(body, "error"), "type") == "rate_limit_error");
    } else if (route.shape == ApiShape::openai) {
      CHECK(string_member(*find_member(body, "error"), "code") == "rate_limit_exceeded");
    } else if (route.shape == ApiShape::aws) {
      CHECK(refused.headers.get("x-amzn-errortype") == "ThrottlingException");
      CHECK(string_member(body, "message").contains("900 seconds"));
    } else if (route.shape == ApiShape::google) {
      CHECK(string_member(*find_member(body, "error"), "status") == "RESOURCE_EXHAUSTED");
    } else {
      CHECK(string_member(body, "code") == "rate_limited");
    }
  }
}

TEST_CASE("every route: 403 for a foreign page, 405 for a wrong method, 503 when too many are answered") {
  for (const Route& route : route_table()) {
    CAPTURE(route.pattern);
    Edge edge;
    Ask foreign = ask_for(route);
    foreign.headers.add("origin", "https://evil.example");
    CHECK(edge.ask(foreign).status == 403);

    Ask wrong = ask_for(route);
    wrong.method = "PUT";
    const auto refused = edge.ask(wrong);
    if (route.method == "*") {
      CHECK(refused.status == 200);
    } else {
      CHECK(refused.status == 405);
      CHECK(refused.headers.get("allow").contains(route.method));
      CHECK(refused.headers.get("allow").ends_with("OPTIONS"));
    }

    edge.in_flight = edge.config.in_flight_max;
    const auto shed = edge.ask(ask_for(route));
    CHECK(shed.status == (route.exempt == Exempt::admission ? 200 : 503));
    if (shed.status == 503) CHECK(shed.headers.get("retry-after") == "1");
  }
}

TEST_CASE("every route that takes a body: none, too large, wrong type and encoded are refused unread") {
  for (const Route& route : route_table()) {
    if (route.body == BodyRule::none) continue;
    CAPTURE(route.pattern);
    Edge edge;
    edge.config.rate_limit_enabled = false;
    edge.config.*route.body_size_max = 10;
    // What is passed on as it arrives is the provider's to judge, but for its size.
    const bool judged = route.body != BodyRule::streamed;
    Ask none = ask_for(route);
    none.body.clear();
    CHECK(edge.ask(none).status == (judged ? 400 : 200));
    Ask large = ask_for(route);
    large.body = std::string(11, 'x');
    CHECK(edge.ask(large).status == 413);
    Ask encoded = ask_for(route);
    encoded.headers.add("content-encoding", "gzip");
    CHECK(edge.ask(encoded).status == (judged ? 415 : 200));
    Ask text = ask_for(route);
    text.headers.set("content-type", "text/plain");
    CHECK(edge.ask(text).status == (route.body == BodyRule::json ? 415 : 200));
  }
}

TEST_CASE("an unknown path is 404 in the manners of its API, and counts") {
  Edge edge;
  const auto mine = edge.ask({.target = "/api/nothing"});
  CHECK(mine.status == 404);
  CHECK(code_of(mine) == "not_found");
  const auto anthropic = edge.ask({.target = "/v1/"});
  CHECK(anthropic.status == 404);
  CHECK(string_member(*find_member(parse_json(anthropic.body).value(), "error"), "type") ==
        "not_found_error");
  for (int i = 0; i < 3; ++i) edge.ask({.target = "/api/nothing"});
  CHECK(edge.ask({.target = "/api/nothing"}).status == 429);
}

TEST_CASE("HEAD is answered where GET is, OPTIONS tells the methods, /api/v1 is /api") {
  Edge edge;
  CHECK(edge.ask({.method = "HEAD", .target = "/"}).status == 200);
  CHECK(edge.ask({.method = "HEAD", .target = "/api/hello"}).status == 200);
  CHECK(edge.ask({.target = "/api/v1/documents"}).status == 200);
  const auto options = edge.ask({.method = "OPTIONS"});
  CHECK(options.status == 204);
  CHECK(options.headers.get("allow") == "POST, GET, HEAD, OPTIONS");
  CHECK(edge.ask({.method = "OPTIONS", .target = "*"}).status == 204);
  CHECK(edge.ask({.method = "OPTIONS", .target = "/none"}).status == 404);
  CHECK(edge.ask({.method = "get"}).status == 405);
}

TEST_CASE("guessing keys uses up the limit, and then a right key does not help either") {
  Edge edge;
  edge.config.keys_required = true;
  edge.keys.known["weir_live_good"] = data::Principal{.key_id = "good"};
  for (int i = 0; i < 5; ++i) {
    Ask guess;
    guess.headers.add("x-api-key", "guess-" + std::to_string(i));
    const auto refused = edge.ask(guess);
    CHECK(refused.status == 401);
    CHECK(refused.headers.contains("www-authenticate"));
  }
  Ask right;
  right.headers.add("x-api-key", "weir_live_good");
  CHECK(edge.ask(right).status == 429);
  CHECK(edge.handled == 0);
  right.peer = "192.0.2.2";
  CHECK(edge.ask(right).status == 200);
  CHECK(edge.principal.key_id == "good");
}

TEST_CASE("keys: both fields, either may be right; never from the URL; scopes by route") {
  Edge edge;
  edge.config.rate_limit_enabled = false;
  edge.keys.known["k1"] = data::Principal{.key_id = "k1", .scopes = {"chat"}};
  edge.keys.known["k2"] = data::Principal{.key_id = "k2"};
  CHECK(edge.ask({.target = "/api/documents?key=k2&x-api-key=k2"}).status == 401);
  CHECK(edge.ask({.headers = {{"authorization", "Basic azI6"}}}).status == 401);
  CHECK(edge.ask({.headers = {{"authorization", "bearer k2"}}}).status == 200);
  CHECK(edge.ask({.headers = {{"x-api-key", "stale"}, {"authorization", "Bearer k2"}}}).status == 200);
  const auto narrow = edge.ask({.headers = {{"x-api-key", "k1"}}});
  CHECK(narrow.status == 403);
  CHECK(code_of(narrow) == "permission_denied");
}

TEST_CASE("keys: what all of them do is told to the operator's, and to those with the scope for it") {
  Edge edge;
  edge.config.rate_limit_enabled = false;
  CHECK(edge.ask({.target = "/metrics"}).status == 200);  // on loopback, where no key is demanded
  edge.config.static_keys = {Secret("sk-test")};
  edge.keys.known["usual"] = data::Principal{.key_id = "usual"};
  edge.keys.known["scrape"] = data::Principal{.key_id = "scrape", .scopes = {"metrics"}};
  const auto ask = [&](std::string key, std::string target) {
    return edge.ask({.target = std::move(target), .headers = {{"x-api-key", std::move(key)}}}).status;
  };
  CHECK(ask("usual", "/metrics") == 403);
  CHECK(ask("scrape", "/metrics") == 200);
  CHECK(ask("scrape", "/api/documents") == 403);
  CHECK(ask("sk-test", "/metrics") == 200);
  CHECK(ask("sk-test", "/api/documents") == 200);
}

TEST_CASE("CORS: a named page gets its preflight and reads its answers, also refusals") {
  Edge edge;
  edge.config.allowed_origins = {"https://app.example.com"};
  edge.config.static_keys = {Secret("sk-test")};
  edge.config.keys_required = true;
  const auto preflight =
      edge.ask({.method = "OPTIONS",
                .target = "/api/chat",
                .headers = {{"origin", "https://app.example.com"},
                            {"access-control-request-method", "POST"},
                            {"access-control-request-headers", "content-type, x-new-sdk"}}});
  CHECK(preflight.status == 204);
  CHECK(preflight.headers.get("access-control-allow-origin") == "https://app.example.com");
  CHECK(preflight.headers.get("access-control-allow-methods") == "POST, OPTIONS");
  CHECK(preflight.headers.get("access-control-allow-headers") == "content-type, x-new-sdk");
  CHECK(preflight.headers.get("access-control-max-age") == "7200");
  CHECK(preflight.headers.joined("vary").contains("Origin"));
  CHECK(preflight.headers.joined("vary").contains("Access-Control-Request-Headers"));
  CHECK_FALSE(preflight.headers.contains("access-control-allow-credentials"));

  const auto refused = edge.ask({.headers = {{"origin", "https://app.example.com"}}});
  CHECK(refused.status == 401);
  CHECK(refused.headers.get("access-control-allow-origin") == "https://app.example.com");

  for (const std::string_view origin :
       {"https://app.example.com.evil.example", "http://app.example.com", "null", "",
        "https://APP.example.com", "https://app.example.com:8443", "*"}) {
    CAPTURE(origin);
    const auto foreign = edge.ask({.headers = {{"origin", origin}, {"x-api-key", "sk-test"}}});
    CHECK(foreign.status == 403);
    CHECK_FALSE(foreign.headers.contains("access-control-allow-origin"));
  }
  CHECK(edge.ask({.headers = {{"x-api-key", "sk-test"}}}).headers.get("vary") == "Origin");
}

TEST_CASE("Weir's own page may call, by scheme and host, also behind a proxy that ends TLS") {
  Edge edge;
  edge.config.rate_limit_enabled = false;
  CHECK(edge.ask({.headers = {{"origin", "http://127.0.0.1:8080"}}}).status == 200);
  CHECK(edge.ask({.headers = {{"origin", "https://127.0.0.1:8080"}}}).status == 403);
  CHECK(edge.ask({.headers = {{"origin", "https://127.0.0.1:8080"}}, .secure = true}).status == 200);
  edge.config.trusted_proxies = {*Cidr::parse("192.0.2.0/24")};
  CHECK(
      edge.ask({.headers = {{"origin", "https://127.0.0.1:8080"}, {"x-forwarded-proto", "https"}}}).status ==
      200);
}

TEST_CASE("while no key is required, a name that DNS may have rebound is not answered") {
  Edge edge;
  edge.config.rate_limit_enabled = false;
  CHECK(edge.ask({.authority = "evil.example:8080"}).status == 403);
  CHECK(edge.ask({.headers = {{"origin", "http://evil.example:8080"}}, .authority = "evil.example:8080"})
            .status == 403);
  CHECK(edge.ask({.authority = "localhost:8080"}).status == 200);
  CHECK(edge.ask({.authority = "[::1]:8080"}).status == 200);
  CHECK(edge.ask({.authority = "weir"}).status == 200);
  CHECK(edge.ask({.target = "/metrics", .authority = "evil.example"}).status == 403);
  CHECK(edge.ask({.target = "/api/streams/x", .authority = "evil.example"}).status == 403);
  CHECK(edge.ask({.target = "/livez", .authority = "evil.example"}).status == 200);
  edge.config.allowed_origins = {"https://weir.example.com"};
  CHECK(edge.ask({.authority = "weir.example.com"}).status == 200);
  edge.config.static_keys = {Secret("k")};
  edge.config.keys_required = true;
  CHECK(edge.ask({.headers = {{"x-api-key", "k"}}, .authority = "any.example"}).status == 200);
}

TEST_CASE("the limit follows the client behind trusted proxies, and an IPv6 client is its /64") {
  Edge edge;
  for (int i = 0; i < 6; ++i) {
    edge.ask({.headers = {{"x-forwarded-for", "10.1.1." + std::to_string(i)}}});
  }
  CHECK(edge.ask({}).status == 429);

  Edge proxied;
  proxied.config.trusted_proxies = {*Cidr::parse("192.0.2.1")};
  for (int i = 0; i < 20; ++i) {
    CHECK(proxied.ask({.headers = {{"x-forwarded-for", "198.51.100." + std::to_string(i)}}}).status == 200);
  }
  CHECK(proxied.client == "198.51.100.19");

  Edge v6;
  for (int i = 0; i < 5; ++i) CHECK(v6.ask({.peer = "2001:db8:0:1::" + std::to_string(i + 1)}).status == 200);
  CHECK(v6.ask({.peer = "2001:db8:0:1:ffff::1"}).status == 429);
  CHECK(v6.ask({.peer = "2001:db8:0:2::1"}).status == 200);
}

TEST_CASE("the request id is Weir's own, on answers and refusals") {
  Edge edge;
  const auto first = edge.ask({.headers = {{"x-request-id", "forged"}}});
  const auto second = edge.ask({});
  CHECK(first.headers.get("x-request-id").starts_with("req_"));
  CHECK(first.headers.get("x-request-id") != second.headers.get("x-request-id"));
  const auto refused = edge.ask({.target = "/nothing"});
  CHECK(string_member(parse_json(refused.body).value(), "request_id") == refused.headers.get("x-request-id"));
}

TEST_CASE("a bug is a 500 that says nothing, a broken stream is cut, a cancellation passes through") {
  Edge edge;
  edge.config.rate_limit_enabled = false;
  edge.throws_bug = true;
  const auto bug = edge.ask({});
  CHECK(bug.status == 500);
  CHECK(code_of(bug) == "internal");
  CHECK_FALSE(bug.body.contains("a bug"));
  edge.throws_bug = false;
  edge.breaks_off = true;
  CHECK(edge.ask({}).aborted);
  edge.breaks_off = false;
  edge.throws_cancelled = true;
  CHECK_THROWS_AS(edge.ask({}), boost::system::system_error);
  const std::string text = edge.metrics_text();
  CHECK(text.contains(
      "weir_http_requests_total{route=\"/api/documents\",method=\"GET\",status_class=\"gone\"} 1"));
  CHECK(text.contains(
      "weir_http_requests_total{route=\"/api/documents\",method=\"GET\",status_class=\"5xx\"} 1"));
  CHECK(text.contains("weir_in_flight 0"));
}

TEST_CASE("one wide log event for each request, refused ones too") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  Edge edge;
  {
    observe::Log log({.level = observe::Level::info, .format = observe::LogFormat::json}, edge.clock,
                     ends[1]);
    AccessLog access_log(edge.clock, log, edge.metrics);
    Admission admission(edge.config, edge.keys, edge.limits, edge.clock, edge.random);
    Pipeline pipeline(admission, access_log, log, [&](Exchange& exchange) { return edge.handle(exchange); });
    const std::string long_path = "/" + std::string(510, 'x') + "\u00e9" + std::string(5'000, 'y');
    for (const std::string& path : {std::string("/api/documents"), long_path, std::string("/livez")}) {
      CapturedResponse captured;
      net::StringBody body("");
      net::Request request = test::request_of("GET", path, body);
      request.headers.add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
      test::run(pipeline.run(request, captured));
    }
  }
  close(ends[1]);
  std::string text(64 * 1024, '\0');
  const auto size = read(ends[0], text.data(), text.size());
  close(ends[0]);
  REQUIRE(size > 0);
  text.resize(static_cast<std::size_t>(size));
  CHECK(std::ranges::count(text, '\n') == 2);  // the probe is below the level
  CHECK(text.contains("weir.request.completed"));
  CHECK(text.contains("\"http.route\":\"/api/documents\""));
  CHECK(text.contains("\"http.response.status_code\":404"));
  CHECK(text.contains("0af7651916cd43dd8448eb211c80319c"));
  CHECK(text.contains("\"error.type\":\"not_found\""));
  CHECK(text.contains("\"url.path\":\"/" + std::string(510, 'x') + "\""));  // not the half of what follows
}

}  // namespace
}  // namespace weir::edge
