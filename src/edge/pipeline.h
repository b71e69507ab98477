// edge/pipeline.h: the one way that every request takes through the edge.
#pragma once

#include <functional>
#include <span>

#include "data/traces.h"
#include "edge/access_log.h"
#include "edge/policies/admission.h"
#include "edge/recording.h"
#include "net/http.h"
#include "observe/log.h"

namespace weir::edge {

// The admission policies in their order.
std::span<const Policy> policies();

// Route → policies → handler → answer → log. Safe to use from every loop.
class Pipeline {
 public:
  // Calls the handler of exchange.route, which has one.
  using Dispatch = std::function<Task<Result<>>(Exchange&)>;

  Pipeline(Admission& admission, AccessLog& access_log, observe::Log& log, Dispatch dispatch,
           data::Traces* traces = nullptr, const Recording* recording = nullptr)
      : admission_(admission),
        access_log_(access_log),
        log_(log),
        dispatch_(std::move(dispatch)),
        traces_(traces),
        recording_(recording) {}

  // Always answers, unless the client is gone: then the cancellation that says so passes through.
  Task<> run(net::Request& request, net::Responder& responder);

 private:
  // `recorded` is set when this exchange is, and lives until its answer has been given.
  Task<Result<>> admit_and_dispatch(Exchange& exchange, std::unique_ptr<RecordedExchange>& recorded);
  Task<> answer_failure(Exchange& exchange, Error error);

  Admission& admission_;
  AccessLog& access_log_;
  observe::Log& log_;
  Dispatch dispatch_;
  data::Traces* const traces_;        // null: nobody keeps them
  const Recording* const recording_;  // null: nothing is recorded
};

}  // namespace weir::edge
