// tests/contract/ledger_contract.h: what every implementation of data::Ledger keeps. The store is made
// anew for each subcase.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "data/ledger.h"

namespace weir::test {

inline data::LedgerRow sample_row(const std::string& request_id) {
  data::LedgerRow row;
  row.request_id = request_id;
  row.at = std::chrono::seconds(1'000);
  row.tenant = "acme";
  row.key_id = "abcdefghijkl";
  row.route = "POST /v1/messages";
  row.provider = "anthropic";
  row.model = "claude";
  row.usage = {.input_tokens = 1,
               .cache_write_5m_tokens = 2,
               .cache_write_1h_tokens = 3,
               .cache_read_tokens = 4,
               .output_tokens = 5,
               .web_search_requests = 6};
  row.usage_estimated = true;
  row.cost = Money::from_nanos(7'000'000'001);
  row.price_model = "default";
  row.status = 200;
  row.error_type = "client_gone";
  row.streamed = true;
  row.first_token_us = 8;
  row.duration_us = 9;
  row.tries = 2;
  row.upstream_request_id = "req_1";
  return row;
}

class LedgerContract {
 public:
  explicit LedgerContract(data::Ledger& ledger) : ledger_(ledger) {}

  void run() {
    SUBCASE("a row comes back as it was appended") {
      keeps_every_field();
    }
    SUBCASE("a request counts once, however often it is appended") {
      counts_once();
    }
    SUBCASE("totals are the sum of all rows") {
      adds_up();
    }
    SUBCASE("recent rows come newest first") {
      orders();
    }
  }

 private:
  void keeps_every_field() {
    const data::LedgerRow row = sample_row("r1");
    REQUIRE(ledger_.append({row}));
    const auto found = ledger_.find("r1");
    REQUIRE(found);
    CHECK(found->request_id == row.request_id);
    CHECK(found->at == row.at);
    CHECK(found->tenant == row.tenant);
    CHECK(found->key_id == row.key_id);
    CHECK(found->route == row.route);
    CHECK(found->provider == row.provider);
    CHECK(found->model == row.model);
    CHECK(found->usage == row.usage);
    CHECK(found->usage_estimated);
    CHECK(found->cost == row.cost);
    CHECK(found->price_model == row.price_model);
    CHECK(found->status == row.status);
    CHECK(found->error_type == row.error_type);
    CHECK(found->streamed);
    CHECK(found->first_token_us == row.first_token_us);
    CHECK(found->duration_us == row.duration_us);
    CHECK(found->tries == row.tries);
    CHECK(found->upstream_request_id == row.upstream_request_id);
    CHECK(ledger_.find("r2").error().code == Code::not_found);
  }

  void counts_once() {
    data::LedgerRow changed = sample_row("r1");
    changed.usage.output_tokens = 1'000;
    REQUIRE(ledger_.append({sample_row("r1"), sample_row("r2")}));
    REQUIRE(ledger_.append({changed, sample_row("r3"), sample_row("r3")}));
    CHECK(ledger_.totals()->rows == 3);
    CHECK(ledger_.totals()->usage.output_tokens == 15);
    CHECK(ledger_.find("r1")->usage.output_tokens == 5);
  }

  void adds_up() {
    CHECK(ledger_.totals()->rows == 0);
    CHECK(ledger_.totals()->cost == Money());
    REQUIRE(ledger_.append({}));
    std::vector<data::LedgerRow> rows;
    for (int i = 0; i < 1'000; ++i) rows.push_back(sample_row("r" + std::to_string(i)));
    REQUIRE(ledger_.append(rows));
    const auto totals = ledger_.totals();
    REQUIRE(totals);
    CHECK(totals->rows == 1'000);
    CHECK(totals->cost == Money::from_nanos(7'000'000'001'000));
    CHECK(totals->usage == data::Usage{.input_tokens = 1'000,
                                       .cache_write_5m_tokens = 2'000,
                                       .cache_write_1h_tokens = 3'000,
                                       .cache_read_tokens = 4'000,
                                       .output_tokens = 5'000,
                                       .web_search_requests = 6'000});
  }

  void orders() {
    REQUIRE(ledger_.append({sample_row("r4"), sample_row("r3"), sample_row("r1"), sample_row("r2")}));
    std::vector<std::string> ids;
    for (const auto& row : *ledger_.recent(3)) ids.push_back(row.request_id);
    CHECK(ids == std::vector<std::string>{"r4", "r3", "r2"});
    CHECK(ledger_.recent(0)->empty());
  }

  data::Ledger& ledger_;
};

}  // namespace weir::test
