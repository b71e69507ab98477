#include "edge/api/requests.h"

#include "base/json_writer.h"
#include "edge/api/api.h"
#include "edge/api/body.h"
#include "edge/policies/keys.h"

namespace weir::edge {
namespace {

// The request's own object, with the calls that it made as its last member.
std::string explained(const data::StoredTrace& trace) {
  std::string text = trace.request;
  text.pop_back();  // the brace that closes it
  JsonWriter out(text);
  out.name("calls");
  out.begin_array();
  for (const std::string& call : trace.calls) out.json(call);
  out.end_array();
  out.end_object();
  return text;
}

}  // namespace

Task<Result<>> get_request(Exchange& exchange, const Api& api) {
  // Without keys there is loopback alone, and nobody to hide anything from.
  const bool is_operator = has_scope(exchange.principal, "admin") || exchange.principal.key_id == "anonymous";
  data::TraceReader reader{.owner = {exchange.principal.tenant, exchange.principal.key_id},
                           .sees_refused = is_operator};
  std::string id(exchange.path_argument);
  auto trace = co_await api.traces.find(std::move(reader), std::move(id));
  if (!trace) co_return fail(trace);
  auto response = json_response(200, explained(*trace));
  co_return co_await exchange.out.send(std::move(response));
}

}  // namespace weir::edge
