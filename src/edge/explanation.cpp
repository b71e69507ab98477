#include "edge/explanation.h"

#include <algorithm>

#include "base/append.h"
#include "base/json_writer.h"
#include "base/name_set.h"
#include "base/time_format.h"
#include "edge/outlet.h"
#include "edge/routes.h"

namespace weir::edge {
namespace {

constexpr std::string_view kOverhead = "x-weir-overhead-ms", kRoute = "x-weir-route",
                           kProvider = "x-weir-provider", kModel = "x-weir-model", kTries = "x-weir-tries",
                           kCache = "x-weir-cache";
constexpr std::string_view kCacheState = "off";  // there is no cache of answers
constexpr std::size_t kUsualTraceSize = 768;

// How a request ended, in one word.
std::string_view state_of(const Exchange& exchange) {
  if (!exchange.refused_by.empty()) return "refused";
  if (exchange.failure) return exchange.failure->code == Code::cancelled ? "client_gone" : "failed";
  return exchange.out.finished() ? "answered" : "client_gone";
}

std::chrono::nanoseconds admission_time(const Exchange& exchange, Monotonic now) {
  return (exchange.admitted.count() != 0 ? exchange.admitted : now) - exchange.started;
}

// What waiting for the provider was spent on, but for queue and connection.
std::chrono::nanoseconds upstream_time(const model::CallSummary& call) {
  return call.waited - call.queued - call.connect;
}

void append_timing(std::string& out, std::string_view name, std::chrono::nanoseconds time) {
  if (!out.empty()) out += ", ";
  out += name;
  out += ";dur=";
  append_milliseconds(out, time);
}

void append_limit(JsonWriter& out, const Exchange& exchange) {
  out.name("rate_limit");
  if (!exchange.rate) return out.null();
  const auto& [rule, limit, verdict] = *exchange.rate;
  out.begin_object();
  out.text("policy", rule);
  out.boolean("admitted", verdict.admitted);
  out.number("count", limit.amount);
  out.number("window_s", limit.window.count());
  out.number("remaining", verdict.remaining);
  out.end_object();
}

void append_outcome(JsonWriter& out, const Exchange& exchange) {
  out.number("status", exchange.out.status());
  out.name("error");
  if (!exchange.failure) {
    out.null();
  } else {
    out.begin_object();
    out.word("code", to_string(exchange.failure->code));
    out.text("message", exchange.failure->message);
    out.end_object();
  }
  out.number("bytes", static_cast<std::int64_t>(exchange.out.bytes()));
}

void append_stream(JsonWriter& out, const Exchange& exchange) {
  out.name("stream");
  if (exchange.stream_id.empty()) return out.null();
  out.begin_object();
  out.text("id", exchange.stream_id);
  out.text("begun_by", exchange.stream_begun_by.empty() ? exchange.id : exchange.stream_begun_by);
  out.end_object();
}

void append_phases(JsonWriter& out, const Exchange& exchange, Monotonic now) {
  const Monotonic head_at = exchange.out.head_at();
  const bool has_head = head_at.count() != 0;
  out.name("phases_ms");
  out.begin_object();
  out.milliseconds("admission", admission_time(exchange, now));
  out.milliseconds("body", exchange.body_wait);
  if (exchange.call != nullptr) {
    out.milliseconds("queue", exchange.call->queued);
    out.milliseconds("connect", exchange.call->connect);
    out.milliseconds("upstream", upstream_time(*exchange.call));
  }
  out.milliseconds("weir", has_head ? exchange.out.overhead() : overhead_until(exchange, now));
  out.milliseconds("stream", has_head ? now - head_at : std::chrono::nanoseconds(0));
  out.milliseconds("total", now - exchange.started);
  out.end_object();
}

}  // namespace

std::chrono::nanoseconds overhead_until(const Exchange& exchange, Monotonic head_at) {
  auto own = head_at - exchange.started - exchange.body_wait;
  if (exchange.call != nullptr) own -= exchange.call->waited;
  return std::max(own, std::chrono::nanoseconds(0));
}

void add_explanation(net::Headers& fields, const Exchange& exchange, Monotonic now,
                     std::chrono::nanoseconds overhead) {
  std::string text;
  text.reserve(128);
  append_timing(text, "weir", overhead);
  append_timing(text, "admission", admission_time(exchange, now));
  const model::CallSummary* const call = exchange.call.get();
  // A chat's stream begins with its sources, before the model is asked.
  const bool called = call != nullptr && !call->route.empty();
  if (called) {
    append_timing(text, "queue", call->queued);
    append_timing(text, "connect", call->connect);
    append_timing(text, "upstream", upstream_time(*call));
  }
  fields.add_valid("server-timing", text);
  text.clear();
  append_milliseconds(text, overhead);
  fields.add_valid(kOverhead, text);
  if (!called) return;
  fields.add(kRoute, call->route);
  if (!call->provider.empty()) {
    fields.add(kProvider, call->provider);
    fields.add(kModel, call->model);
  }
  text.clear();
  append_integer(text, call->tries);
  fields.add_valid(kTries, text);
  fields.add_valid(kCache, kCacheState);
}

bool is_explanation(std::string_view name) {
  constexpr NameSet kAll(kOverhead, kRoute, kProvider, kModel, kTries, kCache);
  return name.starts_with("x-weir-") && kAll.contains(name);
}

void keep_trace(data::Traces& traces, const Exchange& exchange, Monotonic now) {
  if (exchange.route->exempt == Exempt::admission || exchange.id.empty()) return;
  std::string text;
  text.reserve(kUsualTraceSize);
  JsonWriter out(text);
  out.begin_object();
  out.word("id", exchange.id);
  out.word("at", to_rfc3339(exchange.arrived));
  out.word("state", state_of(exchange));
  out.text("method", exchange.request.method);
  out.word("endpoint", exchange.route->pattern);
  out.text("model", exchange.model);
  out.name("key");
  out.begin_object();
  out.text("id", exchange.principal.key_id);
  out.text("tenant", exchange.principal.tenant.value());
  out.end_object();
  out.name("refused_by");
  exchange.refused_by.empty() ? out.null() : out.text(exchange.refused_by);
  append_limit(out, exchange);
  out.name("cache");
  out.begin_object();
  out.word("state", kCacheState);
  out.end_object();
  append_outcome(out, exchange);
  append_stream(out, exchange);
  out.boolean("called", exchange.call != nullptr);
  append_phases(out, exchange, now);
  out.end_object();
  data::TraceOwner owner{exchange.principal.tenant, exchange.principal.key_id};
  if (owner.key_id.empty()) owner.key_id = data::kRefusedKey;  // before anybody asked for its key
  traces.add_request(owner, exchange.id, text);
}

}  // namespace weir::edge
