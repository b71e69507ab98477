#include "model/batch_results.h"

#include <algorithm>

#include "base/json_edit.h"
#include "model/json_span.h"
#include "model/usage/messages_usage.h"
#include "model/usage/usage_reader.h"

namespace weir::model {

BatchResults::BatchResults(Accounts& accounts, const Attribution& who, std::string_view provider,
                           std::string_view batch_id)
    : accounts_(accounts), batch_id_(batch_id) {
  like_.at = who.arrived_at;
  like_.tenant = who.tenant;
  like_.key_id = who.key_id;
  like_.route = who.route;
  like_.provider = provider;
  like_.status = 200;
  like_.tries = 1;
}

void BatchResults::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    if (!skipping_ && line_.size() + part.size() > kLineSizeMax) {
      skipping_ = true;
      line_ = std::string();
    }
    if (!skipping_) line_ += part;
    if (end == std::string_view::npos) return;
    finish();
    bytes.remove_prefix(end + 1);
  }
}

void BatchResults::finish() {
  if (!skipping_ && !line_.empty()) settle(line_);
  line_.clear();
  skipping_ = false;
}

void BatchResults::settle(std::string_view line) {
  if (const auto response = find_json_member(line, "response")) return settle_openai(line, *response);
  const auto custom_id = find_json_member(line, "custom_id");
  const auto result = find_json_member(line, "result");
  if (!custom_id || !result) return;
  const auto message = find_json_member(*result, "message");
  const auto name = json_string(*custom_id);
  if (!message || !name) return;
  std::string document(*message);
  std::string type;
  MessageReport report;
  if (!read_messages_document(document, type, report) || !report.has_usage) return;
  settle(batch_id_ + ":" + *name, *message, std::move(report));
}

// The answer of an endpoint that makes something: chat completions, responses, embeddings.
void BatchResults::settle_openai(std::string_view line, std::string_view response) {
  const auto id = find_json_member(line, "id");
  const auto name = id ? json_string(*id) : std::nullopt;
  const auto body = find_json_member(response, "body");
  if (!name || name->empty() || !body) return;
  const auto object = find_json_member(*body, "object");
  const bool is_response = object && json_string_is(*object, "response");
  const auto reader = usage_reader(is_response ? Dialect::responses : Dialect::chat_completions);
  std::string document(*body);
  MessageReport report;
  if (!reader->read_body(document, report).whole || !report.has_usage) return;
  settle(*name, *body, std::move(report));
}

void BatchResults::settle(std::string request_id, std::string_view answer, MessageReport report) {
  report.modifiers.tier = PriceTier::batch;
  data::LedgerRow row = like_;
  row.request_id = std::move(request_id);
  row.model = report.model;
  row.usage = report.usage;
  if (const auto id = find_json_member(answer, "id")) row.upstream_request_id = json_string(*id).value_or("");
  accounts_.settle(std::move(row), report);
}

}  // namespace weir::model
