// model/batch_results.h: what the results of a message batch cost, read from its JSON lines as they pass
// (platform.claude.com, Message Batches: {"custom_id", "result": {"type": "succeeded", "message"}}).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "data/ledger.h"
#include "model/accounts.h"
#include "model/call.h"

namespace weir::model {

// One ledger row for each message, at the price of batches, named "<batch>:<custom_id>": the ledger keeps
// the first row of a name, so that a result counts once, however often it is read. What failed, was
// canceled or has expired costs nothing and leaves no row.
class BatchResults {
 public:
  static constexpr std::size_t kLineSizeMax = 32 * 1024 * 1024;  // longer lines are not counted

  BatchResults(Accounts& accounts, const Attribution& who, std::string_view provider,
               std::string_view batch_id);
  void feed(std::string_view bytes);  // cut anywhere
  void finish();                      // the last line may lack its end

 private:
  void settle(std::string_view line);

  Accounts& accounts_;
  const std::string batch_id_;
  data::LedgerRow like_;
  std::string line_;  // that has not ended
  bool skipping_ = false;
};

}  // namespace weir::model
