#include "data/sqlite/ledger.h"

namespace weir::data {
namespace {

// What insert_row() binds and read_row() reads, in its order.
constexpr std::string_view kColumns =
    "request_id, at, tenant, key_id, route, provider, model, input_tokens, cache_write_5m_tokens,"
    " cache_write_1h_tokens, cache_read_tokens, output_tokens, web_search_requests, usage_estimated,"
    " cost_nanos, price_model, status, error_type, streamed, first_token_us, duration_us, tries,"
    " upstream_request_id";

void bind_row(Statement& insert, const LedgerRow& row) {
  const Usage& usage = row.usage;
  insert.bind_borrowed(row.request_id, row.at.count(), row.tenant, row.key_id, row.route, row.provider,
                       row.model, usage.input_tokens, usage.cache_write_5m_tokens,
                       usage.cache_write_1h_tokens, usage.cache_read_tokens, usage.output_tokens,
                       usage.web_search_requests, row.usage_estimated, row.cost.nanos(), row.price_model,
                       row.status, row.error_type, row.streamed, row.first_token_us, row.duration_us,
                       row.tries, row.upstream_request_id);
}

// Six columns from `first` on, in the order of Usage's fields.
Usage read_usage(const Statement& row, int first) {
  return Usage{.input_tokens = row.integer(first),
               .cache_write_5m_tokens = row.integer(first + 1),
               .cache_write_1h_tokens = row.integer(first + 2),
               .cache_read_tokens = row.integer(first + 3),
               .output_tokens = row.integer(first + 4),
               .web_search_requests = row.integer(first + 5)};
}

LedgerRow read_row(const Statement& row) {
  LedgerRow out;
  out.request_id = row.text(0);
  out.at = WallTime(row.integer(1));
  out.tenant = row.text(2);
  out.key_id = row.text(3);
  out.route = row.text(4);
  out.provider = row.text(5);
  out.model = row.text(6);
  out.usage = read_usage(row, 7);
  out.usage_estimated = row.integer(13) != 0;
  out.cost = Money::from_nanos(row.integer(14));
  out.price_model = row.text(15);
  out.status = static_cast<int>(row.integer(16));
  out.error_type = row.text(17);
  out.streamed = row.integer(18) != 0;
  out.first_token_us = row.integer(19);
  out.duration_us = row.integer(20);
  out.tries = static_cast<int>(row.integer(21));
  out.upstream_request_id = row.text(22);
  return out;
}

Result<> insert_rows(Connection& connection, const std::vector<LedgerRow>& rows) {
  auto insert = connection.prepare(
      "INSERT INTO ledger (" + std::string(kColumns) +
      ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,"
      " ?20, ?21, ?22, ?23) ON CONFLICT (request_id) DO NOTHING");
  if (!insert) return fail(insert);
  for (const LedgerRow& row : rows) {
    bind_row(*insert, row);
    auto inserted = insert->run();
    if (!inserted) return inserted;
  }
  return {};
}

}  // namespace

Result<> SqliteLedger::append(const std::vector<LedgerRow>& rows) {
  if (rows.empty()) return {};
  return database_.write([&](Connection& connection) { return insert_rows(connection, rows); });
}

Result<LedgerTotals> SqliteLedger::totals() {
  return database_.read([](Connection& connection) -> Result<LedgerTotals> {
    auto select = connection.prepare(
        "SELECT count(*), sum(input_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),"
        " sum(cache_read_tokens), sum(output_tokens), sum(web_search_requests), sum(cost_nanos) FROM ledger");
    if (!select) return fail(select);
    select->bind();
    auto row = select->step();
    if (!row) return fail(row);
    return LedgerTotals{.rows = static_cast<std::uint64_t>(select->integer(0)),
                        .usage = read_usage(*select, 1),
                        .cost = Money::from_nanos(select->integer(7))};
  });
}

Result<std::vector<LedgerRow>> SqliteLedger::recent(std::uint32_t limit) {
  return database_.read([limit](Connection& connection) -> Result<std::vector<LedgerRow>> {
    auto select = connection.prepare("SELECT " + std::string(kColumns) +
                                     " FROM ledger ORDER BY request_id DESC LIMIT ?1");
    if (!select) return fail(select);
    select->bind(limit);
    std::vector<LedgerRow> rows;
    while (true) {
      auto row = select->step();
      if (!row) return fail(row);
      if (!*row) return rows;
      rows.push_back(read_row(*select));
    }
  });
}

Result<LedgerRow> SqliteLedger::find(std::string_view request_id) {
  return database_.read([request_id](Connection& connection) -> Result<LedgerRow> {
    auto select =
        connection.prepare("SELECT " + std::string(kColumns) + " FROM ledger WHERE request_id = ?1");
    if (!select) return fail(select);
    select->bind(request_id);
    auto row = select->step();
    if (!row) return fail(row);
    if (!*row) return fail(Code::not_found, "the ledger has no row of this request");
    return read_row(*select);
  });
}

}  // namespace weir::data
