#include "model/accounts.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <memory>

#include "model_fakes.h"

namespace weir::model {
namespace {

struct Books {
  ManualClock clock;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::tmpfile(), std::fclose};
  observe::Log log{{.format = observe::LogFormat::json}, clock, fileno(file.get())};
  observe::Metrics metrics;
  Prices prices = Prices::builtin();
  fakes::Sink sink;
  Accounts accounts{prices, sink, log, metrics};

  const data::LedgerRow& settle(std::string model, data::Usage usage, const MessageReport& report = {}) {
    data::LedgerRow row;
    row.at = clock.wall();
    row.model = std::move(model);
    row.usage = usage;
    accounts.settle(std::move(row), report);
    return sink.rows.back();
  }

  std::string logged() {
    log.flush();
    std::string text;
    std::rewind(file.get());
    for (int c = std::fgetc(file.get()); c != EOF; c = std::fgetc(file.get())) text += static_cast<char>(c);
    return text;
  }
};

}  // namespace

TEST_CASE("accounts: side steps cost what their own model costs") {
  Books books;
  MessageReport report;
  report.side_steps = {{"claude-opus-4-8", {.input_tokens = 2'543, .output_tokens = 18}},
                       {"", {.cache_read_tokens = 55'096}}};
  const data::LedgerRow& row =
      books.settle("claude-sonnet-5", {.input_tokens = 2'411, .output_tokens = 145}, report);
  const std::int64_t message = 2'411 * 2'000 + 145 * 10'000;
  const std::int64_t advisor = 2'543 * 5'000 + 18 * 25'000;
  const std::int64_t compaction = 55'096 * 200;
  CHECK(row.cost.nanos() == message + advisor + compaction);
  CHECK(row.price_model == "claude-sonnet-5");
  CHECK(row.usage.input_tokens == 2'411);
}

TEST_CASE("accounts: modifiers of the answer reach the price") {
  Books books;
  MessageReport report;
  report.modifiers.fast = true;
  CHECK(books.settle("claude-opus-5-5", {.output_tokens = 1}, report).cost.nanos() == 40'000);
}

TEST_CASE("accounts: an unknown model is warned of once") {
  Books books;
  for (int i = 0; i < 3; ++i)
    CHECK(books.settle("claude-next-9", {.output_tokens = 1}).price_model == "default");
  const std::string text = books.logged();
  const std::size_t first = text.find("claude-next-9");
  REQUIRE(first != std::string::npos);
  CHECK(text.find("claude-next-9", first + 1) == std::string::npos);
}

TEST_CASE("accounts: invented model names do not grow the metrics without end") {
  Books books;
  for (std::size_t i = 0; i < Accounts::kModelsMax + 50; ++i)
    books.settle("m" + std::to_string(i), {.input_tokens = 1});
  const std::string text = books.metrics.prometheus_text();
  CHECK(text.find("weir_tokens_total{model=\"other\",class=\"input\"} 50\n") != std::string::npos);
}

}  // namespace weir::model
