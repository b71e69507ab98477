// app/requests/trace_keeper.h: writes down how each call found its way, for GET /api/requests/{id}
// (docs/explain.md tells the fields).
#pragma once

#include <string>

#include "data/traces.h"
#include "model/call_trace.h"

namespace weir::app {

class TraceKeeper final : public model::TraceSink {
 public:
  explicit TraceKeeper(data::Traces& traces) : traces_(traces) {}
  void keep(std::string_view request_id, model::CallTrace trace) override;

 private:
  data::Traces& traces_;
};

// The JSON object of one call.
void append_call(std::string& out, const model::CallTrace& trace);

}  // namespace weir::app
