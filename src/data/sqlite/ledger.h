// data/sqlite/ledger.h: the ledger in the embedded database.
#pragma once

#include "data/ledger.h"
#include "data/sqlite/database.h"

namespace weir::data {

class SqliteLedger final : public Ledger {
 public:
  explicit SqliteLedger(Database& database) : database_(database) {}

  Result<> append(const std::vector<LedgerRow>& rows) override;
  Result<LedgerTotals> totals() override;
  Result<std::vector<LedgerRow>> recent(std::uint32_t limit) override;
  Result<LedgerRow> find(std::string_view request_id) override;

 private:
  Database& database_;
};

}  // namespace weir::data
