// model/usage_sink.h: where the meter puts what a call used.
#pragma once

#include "data/ledger.h"

namespace weir::model {

// Called once for each call that reached a provider, from any loop; must not block.
class UsageSink {
 public:
  virtual ~UsageSink() = default;
  virtual void record(data::LedgerRow row) = 0;
};

}  // namespace weir::model
