// edge/api/provider_call.h: calls to Anthropic's API that are about no model: files, batches, and whatever
// else is passed on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "edge/api/api.h"
#include "edge/exchange.h"
#include "model/call.h"
#include "net/http.h"

namespace weir::model {
class BatchResults;
}

namespace weir::edge {

// The exchange's own request, without its body, to `provider` (by its configured name; empty: the first that
// has the endpoint). It leaves no ledger row.
model::UpstreamCall provider_call(Exchange& exchange, std::string_view provider);

// What a client sends, as far as it is no larger than size_max: too_large.
class LimitedBody final : public net::BodyReader {
 public:
  LimitedBody(net::BodyReader& body, std::size_t size_max) : body_(body), size_max_(size_max) {}
  Task<Result<std::string_view>> read() override;
  void interrupt() override { body_.interrupt(); }

 private:
  net::BodyReader& body_;
  const std::size_t size_max_;
  std::size_t size_ = 0;
};

// The body of an answer that Weir looks into, such as a file's metadata. upstream_failed beyond size_max.
Task<Result<std::string>> read_answer(model::UpstreamReply& reply, std::size_t size_max);

// Sends the provider's answer with this body.
Task<Result<>> send_answer(Exchange& exchange, model::UpstreamReply& reply, std::string body);

// Relays the answer, whose first piece was taken, and counts the results of a batch that it is.
Task<Result<>> relay_results(Exchange& exchange, model::UpstreamReply& reply, std::string_view first,
                             model::BatchResults& results);

// Makes the call and relays what comes.
Task<Result<>> call_and_relay(Exchange& exchange, const Api& api, model::UpstreamCall call);

}  // namespace weir::edge
