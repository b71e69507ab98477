// model/batch_results.h: what the results of a message batch cost, read from its JSON lines as they pass
// (platform.claude.com, Message Batches: {"custom_id", "result": {"type": "succeeded", "message"}};
// platform.openai.com, Batch: {"id", "custom_id", "response": {"status_code", "body"}}).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "data/ledger.h"
#include "model/accounts.h"
#include "model/call.h"
#include "model/message_report.h"

namespace weir::model {

// One ledger row for each answer, at the price of batches, named "<batch>:<custom_id>", or by the id that
// OpenAI gave the line: the ledger keeps the first row of a name, so that a result counts once, however often
// it is read. What failed, was
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
  void settle_openai(std::string_view line, std::string_view response);
  void settle(std::string request_id, std::string_view answer, MessageReport report);

  Accounts& accounts_;
  const std::string batch_id_;
  data::LedgerRow like_;
  std::string line_;  // that has not ended
  bool skipping_ = false;
};

}  // namespace weir::model
