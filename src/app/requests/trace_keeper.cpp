#include "app/requests/trace_keeper.h"

#include "base/json_writer.h"

namespace weir::app {
namespace {

constexpr std::size_t kUsualSize = 768;

void append_try(JsonWriter& out, const model::TraceTry& tried) {
  const bool good = tried.failure == model::FailureClass::none;
  out.begin_object();
  out.text("provider", tried.provider);
  out.text("model", tried.model);
  out.number("status", tried.status);
  out.word("outcome", good ? "answered" : to_string(tried.failure));
  out.word("breaker", to_string(tried.breaker));
  out.milliseconds("queue_ms", tried.queue_wait);
  out.milliseconds("connect_ms", tried.connect);
  out.milliseconds("first_byte_ms", tried.duration - tried.connect);
  out.milliseconds("pause_ms", tried.delay_after);
  out.end_object();
}

void append_left(JsonWriter& out, const std::vector<model::TraceLeft>& all) {
  out.name("left_out");
  out.begin_array();
  for (const model::TraceLeft& left : all) {
    out.begin_object();
    out.text("provider", left.provider);
    out.text("model", left.model);
    out.word("why", to_string(left.why));
    out.end_object();
  }
  out.end_array();
}

void append_warmth(JsonWriter& out, const model::CallTrace& trace) {
  out.name("warm_cache");
  if (trace.warm_provider.empty()) return out.null();
  out.begin_object();
  out.text("provider", trace.warm_provider);
  out.number("tokens", trace.warm_tokens);
  const std::chrono::duration<double> leaving(trace.leaving_costs_s);
  out.milliseconds("leaving_counts_ms", std::chrono::duration_cast<std::chrono::nanoseconds>(leaving));
  out.end_object();
}

void append_price(JsonWriter& out, const model::CallTrace& trace) {
  out.name("price");
  if (trace.price_model.empty()) return out.null();
  const data::Usage& usage = trace.usage;
  out.begin_object();
  out.text("row", trace.price_model);
  out.word("cost_usd", trace.cost.to_string());
  out.boolean("estimated", trace.usage_estimated);
  out.name("usage");
  out.begin_object();
  out.number("input_tokens", usage.input_tokens);
  out.number("cache_write_5m_tokens", usage.cache_write_5m_tokens);
  out.number("cache_write_1h_tokens", usage.cache_write_1h_tokens);
  out.number("cache_read_tokens", usage.cache_read_tokens);
  out.number("output_tokens", usage.output_tokens);
  out.number("web_search_requests", usage.web_search_requests);
  out.end_object();
  out.end_object();
}

}  // namespace

void append_call(std::string& text, const model::CallTrace& trace) {
  JsonWriter out(text);
  out.begin_object();
  out.text("route", trace.route);
  out.name("shadows");
  out.begin_array();
  for (const std::string_view shadow : trace.shadows) out.text(shadow);
  out.end_array();
  append_left(out, trace.left);
  out.name("tries");
  out.begin_array();
  for (const model::TraceTry& tried : trace.tries) append_try(out, tried);
  out.end_array();
  out.word("end", to_string(trace.end));
  out.name("error");
  trace.error_type.empty() ? out.null() : out.text(trace.error_type);
  append_warmth(out, trace);
  out.boolean("thinking_stripped", trace.thinking_stripped);
  append_price(out, trace);
  out.milliseconds("first_token_ms", trace.first_token);
  out.milliseconds("duration_ms", trace.duration);
  out.end_object();
}

void TraceKeeper::keep(std::string_view request_id, model::CallTrace trace) {
  std::string json;
  json.reserve(kUsualSize);
  append_call(json, trace);
  traces_.add_call(request_id, json);
}

}  // namespace weir::app
