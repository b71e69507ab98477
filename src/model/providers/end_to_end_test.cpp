#include "model/providers/end_to_end.h"

#include <doctest/doctest.h>

namespace weir::model {

TEST_CASE("a provider learns neither the client's credentials, nor where it is, nor what is Weir's own") {
  net::Headers sent{{"anthropic-beta", "b"},     {"x-weir-recording", "r"}, {"x-api-key", "k"},
                    {"authorization", "Bearer"}, {"cookie", "c"},           {"x-weir-grace", "30s"},
                    {"x-weir-resume", "true"}};
  for (const char* name : {"forwarded", "x-forwarded-for", "x-real-ip", "cf-connecting-ip", "true-client-ip",
                           "x-client-ip", "x-original-forwarded-for"}) {
    sent.add(name, "198.51.100.7");
  }
  const net::Headers passed = request_fields(sent);
  CHECK(passed.size() == 2);
  CHECK(passed.get("anthropic-beta") == "b");
  CHECK(passed.get("x-weir-recording") == "r");
}

}  // namespace weir::model
