#include "edge/api/object_list.h"

#include <doctest/doctest.h>

#include "edge/api/batches.h"
#include "edge/outlet.h"
#include "edge_fakes.h"

namespace weir::edge {
namespace {

TEST_CASE("a provider's page is read in both of its manners") {
  const auto by_id = ObjectPage::read(
      R"({"data":[{"id":"file_b", "x": {"id":"no"}} , {"x":1,"id":"file_a"}],"has_more":true,"last_id":"file_a"})");
  REQUIRE(by_id);
  CHECK_FALSE(by_id->by_token);
  CHECK(by_id->has_more);
  REQUIRE(by_id->items.size() == 2);
  CHECK(by_id->items[0].id == "file_b");
  CHECK(by_id->items[0].json == R"({"id":"file_b", "x": {"id":"no"}})");
  const auto by_token = ObjectPage::read(R"({"data":[],"next_page":"page_x"})");
  REQUIRE(by_token);
  CHECK(by_token->by_token);
  CHECK(by_token->has_more);
  CHECK(by_token->next_page == "page_x");
  CHECK_FALSE(ObjectPage::read(R"({"data":[],"next_page":null})")->has_more);
  for (const std::string_view wrong : {"", "[]", "{}", R"({"data":[{"no":"id"}]})", R"({"data":{}})"})
    CHECK_FALSE(ObjectPage::read(wrong));
}

TEST_CASE("a page token says where to go on, and takes the provider's own for what they are") {
  const PageToken token{.page = "page_a~b", .after = "file_1"};
  CHECK(PageToken::parse(token.to_string()).page == token.page);
  CHECK(PageToken::parse(token.to_string()).after == token.after);
  CHECK(PageToken::parse("page_x").page == "page_x");
  CHECK(PageToken::parse("page_x").after.empty());
  CHECK(PageToken::parse("").page.empty());
}

TEST_CASE("results_url leads to Weir, and nothing else changes") {
  net::StringBody body("");
  net::Request request = test::request_of("GET", "/v1/messages/batches/msgbatch_1", body);
  request.authority = "weir.example:8443";
  test::CapturedResponse captured;
  Outlet out(captured, "", true);
  Exchange exchange(request, out);
  exchange.secure = true;
  CHECK(
      batch_for_client(R"({ "id":"msgbatch_1" , "results_url": "https://api.anthropic.com/x", "n": 1.0})",
                       exchange) ==
      R"({ "id":"msgbatch_1" , "results_url":"https://weir.example:8443/v1/messages/batches/msgbatch_1/results", "n": 1.0})");
  for (const std::string same :
       {R"({"id":"msgbatch_1","results_url" : null})", R"({"id": "msgbatch_1"})", "broken"})
    CHECK(batch_for_client(same, exchange) == same);
}

}  // namespace
}  // namespace weir::edge
