#include "model/providers/token_fetch.h"

#include <doctest/doctest.h>

#include "issuer_fakes.h"

namespace weir::model {
namespace {

Result<IssuerAnswer> asked(fakes::IssuerClient& client) {
  IssuerRequest request =
      form_request(*net::Origin::parse("https://issuer.example"), "/token", {{"a", "c&d"}});
  request.name = "the issuer";
  request.hint = "mend X";
  return test::run_task(ask_issuer(client, std::move(request)));
}

}  // namespace

TEST_CASE("token fetch: refusals are told from failures") {
  fakes::IssuerClient client;
  const auto failure = [&](int status, std::string body) {
    client.answers.emplace_back(fakes::Issued{status, std::move(body)});
    return asked(client).error();
  };
  CHECK(failure(401, "no").code == Code::unavailable);
  CHECK(failure(429, "").code == Code::upstream_failed);
  CHECK(failure(503, "").code == Code::upstream_failed);
  CHECK(failure(302, "").code == Code::upstream_failed);
  CHECK(failure(403, R"({"error":{"code":403,"message":"denied"}})").message ==
        "the issuer answered with status 403: denied");
  CHECK(failure(403, "<html>x</html>").message == "the issuer answered with status 403");
  CHECK(failure(500, std::string(10'000, 'x')).message.size() < 400);
  CHECK(failure(500, "").hint == "mend X");
  CHECK(client.sent[0].body == "a=c%26d");
}

TEST_CASE("token fetch: an issuer that cannot be reached, or answers without end") {
  fakes::IssuerClient client;
  client.answers.emplace_back(fail(Code::timed_out, "no answer"));
  CHECK(asked(client).error().message == "the issuer cannot be reached: no answer");
  client.answers.emplace_back(fakes::Issued{200, std::string(kIssuerAnswerSizeMax + 1, 'x')});
  CHECK(asked(client).error().code == Code::too_large);
}

TEST_CASE("token fetch: only a whole OAuth answer is a token") {
  const WallTime now = std::chrono::seconds(1'000);
  CHECK(*oauth_token(R"({"access_token":"t","expires_in":60})", now, "i")->expires_at ==
        std::chrono::seconds(1'060));
  CHECK(*oauth_token(R"({"access_token":"t","expires_in":"60"})", now, "i")->expires_at ==
        std::chrono::seconds(1'060));
  for (const std::string_view body :
       {"", "{}", R"({"access_token":"t"})", R"({"access_token":"","expires_in":60})",
        R"({"access_token":"t","expires_in":-1})", R"({"access_token":"t","expires_in":1e9})",
        R"({"access_token":"t","expires_in":9223372036854775807})"}) {
    CAPTURE(body);
    CHECK(oauth_token(body, now, "i").error().code == Code::upstream_failed);
  }
}

TEST_CASE("token fetch: URLs as origin and target") {
  CHECK(parse_endpoint("https://a.example", "X")->target == "/");
  CHECK(parse_endpoint("http://a.example:8/b?c=d", "X")->target == "/b?c=d");
  CHECK(parse_endpoint("http://a.example:8/b?c=d", "X")->origin.to_string() == "http://a.example:8");
  CHECK(parse_endpoint("https://a.example?c", "X")->target == "/?c");
  CHECK(parse_endpoint("nonsense", "X").error().message.starts_with("X is no URL"));
  CHECK(parse_secret_endpoint("http://a.example/", "X").error().message ==
        "X would send secrets in clear text");
  CHECK(parse_secret_endpoint("http://127.0.0.1/", "X"));
}

}  // namespace weir::model
