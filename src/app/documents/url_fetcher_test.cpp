#include "app/documents/url_fetcher.h"

#include <doctest/doctest.h>

namespace weir::app {
namespace {

TEST_CASE("a redirect leads where its location says") {
  CHECK(redirect_target("https://a.example/x/y?q#f", "https://b.example/z") == "https://b.example/z");
  CHECK(redirect_target("https://a.example/x/y", "//b.example/z") == "https://b.example/z");
  CHECK(redirect_target("https://a.example:8443/x/y?q", "/z?r") == "https://a.example:8443/z?r");
  CHECK(redirect_target("https://a.example/x/y?q=/a/b", "z") == "https://a.example/x/z");
  CHECK(redirect_target("https://a.example", "z") == "https://a.example/z");
  CHECK(redirect_target("https://a.example?q", "/z") == "https://a.example/z");
}

TEST_CASE("only an allowed host may have an address that is not public") {
  const auto may = address_rule({.hosts_allowed = {"wiki.internal", "other.internal:8080"}});
  const auto asked = [&](std::string_view url, std::string_view address) {
    return may(net::Origin::parse(url).value(), IpAddress::parse(address).value());
  };
  CHECK(asked("https://example.com", "1.1.1.1"));
  CHECK_FALSE(asked("https://example.com", "10.0.0.1"));
  CHECK_FALSE(asked("http://localhost", "127.0.0.1"));
  CHECK_FALSE(asked("http://[::ffff:169.254.169.254]", "::ffff:169.254.169.254"));
  CHECK(asked("http://WIKI.internal:99", "10.0.0.1"));
  CHECK(asked("http://other.internal:8080", "10.0.0.1"));
  CHECK_FALSE(asked("http://other.internal", "10.0.0.1"));
}

}  // namespace
}  // namespace weir::app
