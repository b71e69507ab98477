#include <doctest/doctest.h>

#include "ops/check/families/scrape.h"
#include "ops/check/families/secrets.h"

namespace weir::ops::check {
namespace {

TEST_CASE("an exposition is read, and what is none is nothing") {
  const Samples samples = read_samples(
      "# HELP a help\n# TYPE a counter\na{route=\"/x y\",m=\"GET\"} 3\na{route=\"/z\"} 1 1700000000\nb "
      "2.5e1\n\n");
  CHECK(samples.size() == 3);
  CHECK(value_of(samples, "b") == 25.0);
  CHECK(value_of(samples, "a") == 3.0);
  CHECK_FALSE(value_of(samples, "aa"));
  CHECK(label_of(samples, "a", "m") == "GET");
  CHECK(label_of(samples, "a", "none").empty());
  for (const std::string_view text : {"<html><body>", "{\"a\": 1}", "a", "a{b=\"c\" 1", "a b", " 1"})
    CHECK(read_samples(text).empty());
}

TEST_CASE("what rose is counted, new series with a value too") {
  const Samples before = read_samples("a 1\nb 2\n");
  CHECK(count_risen(before, read_samples("a 2\nb 2\nc 1\nd 0\n")) == 2);
  CHECK(count_risen(before, before) == 0);
}

TEST_CASE("secrets are found by their form, and told by their beginning alone") {
  const std::string tail(40, 'Q');
  CHECK(secret_in("x = 'sk-ant-api03-" + tail + "'", "") == "an Anthropic key (sk-ant-api0…)");
  CHECK(secret_in("AKIAIOSFODNN7EXAMPLE", "").contains("AWS"));
  CHECK(secret_in("-----BEGIN RSA PRIVATE KEY-----\nMII", "").contains("private key"));
  CHECK(secret_in("redis://user:pass@inner:6379/0", "").contains("connection string"));
  CHECK(secret_in("you sent my-own-key", "my-own-key") == "the probe key itself");
}

TEST_CASE("placeholders, words and addresses are no secrets") {
  for (const std::string_view text :
       {"sk-ant-...", "sk-ant-YOUR-KEY", "task-list-of-things-that-are-to-be-done-by-tomorrow-at-noon",
        "redis://localhost:6379", "AKIA", "<a href=\"https://example.com/a:b@c\">"})
    CHECK(secret_in(text, "").empty());
}

}  // namespace
}  // namespace weir::ops::check
