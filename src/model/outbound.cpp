#include "model/outbound.h"

#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "model/json_span.h"
#include "model/prices.h"
#include "model/routing/strip_thinking.h"

namespace weir::model {

Result<Outbound> Outbound::make(const UpstreamCall& call, const Provider& provider, std::string_view model,
                                OutboundChange change) {
  Outbound out(call, model);
  out.stream_ = call.stream;
  const bool has_thinking = call.dialect == Dialect::messages || call.dialect == Dialect::bedrock_invoke;
  if (change.strip_thinking && has_thinking) {
    out.body_ = strip_thinking(call.body);
    out.thinking_stripped_ = out.body_.has_value();
  }
  const std::string_view given = out.body_ ? std::string_view(*out.body_) : std::string_view(call.body);
  if (provider.speaks(call.dialect)) {
    out.dialect_ = call.dialect;
    if (!provider.has_endpoint(call.target)) {
      return fail(Code::invalid_request,
                  "the provider \"" + std::string(provider.name()) + "\" does not have " + call.target,
                  "ask one that has it");
    }
    // Where the path names the model, the body does not.
    if (model == call.model || given.empty() || endpoint_of(call.dialect).empty()) return out;
    auto body = replace_model(given, model);
    if (!body) return fail(body);
    out.body_ = *std::move(body);
    return out;
  }
  out.dialect_ = provider.dialect();
  // What is not metered is not an answer of a model (token counts, lists), which translations are about.
  if (call.metered) out.path_ = find_translation(call.dialect, out.dialect_);
  if (!out.path_) {
    return fail(Code::invalid_request,
                "the provider \"" + std::string(provider.name()) +
                    "\" cannot be asked this in the dialect \"" + std::string(to_string(call.dialect)) + "\"",
                "route it to a provider that speaks the dialect");
  }
  RequestOptions options;
  options.model = out.model_;
  options.stream = call.stream;
  options.sampling = takes_sampling(model);
  auto translated = out.path_->request(given, options);
  if (!translated) return fail(translated);
  out.body_ = std::move(translated->body);
  out.stream_ = translated->stream;
  out.include_usage_ = translated->include_usage;
  out.echo_ = std::move(translated->echo);
  return out;
}

OutboundCall Outbound::view() const {
  return {.call = *call_,
          .dialect = dialect_,
          .target = path_ ? endpoint_of(dialect_) : std::string_view(call_->target),
          .body = body_ ? std::string_view(*body_) : std::string_view(call_->body),
          .model = model_,
          .stream = stream_};
}

std::unique_ptr<ReplyTranslator> Outbound::reply_translator(const Clock& clock) const {
  if (!path_) return nullptr;
  return path_->reply({.id = call_->who.request_id,
                       .model = call_->model,
                       .created_s = std::chrono::duration_cast<std::chrono::seconds>(clock.wall()).count(),
                       .include_usage = call_->include_usage || include_usage_,
                       .echo = echo_,
                       .clock = &clock});
}

Result<std::string> replace_model(std::string_view body, std::string_view model) {
  const auto value = find_json_member(body, "model");
  if (!value) return fail(Code::invalid_request, "the body names no model", "name a model");
  const std::size_t at = static_cast<std::size_t>(value->data() - body.data());
  std::string out;
  out.reserve(body.size() + model.size());
  out += body.substr(0, at);
  append_json_string(out, model);
  out += body.substr(at + value->size());
  return out;
}

bool takes_sampling(std::string_view model) {
  std::string_view family = model_family(model);
  if (!family.starts_with("claude-")) return true;
  // "claude-opus-5-5": the first part that is a number is the generation; a date is none.
  for (const std::string_view part : split(family.substr(7), '-')) {
    const auto number = parse_int(part);
    if (number) return *number < 5 || *number > 99;
  }
  return true;
}

}  // namespace weir::model
