#include "ops/upstream/stored_batches.h"

#include <algorithm>
#include <set>

#include "base/time_format.h"
#include "ops/upstream/messages_api.h"
#include "ops/upstream/script.h"

namespace weir::ops::upstream {
namespace {

json::value time_or_null(WallTime at, bool there) {
  if (!there) return nullptr;
  return json::value(to_rfc3339(at));
}

std::string_view error_type_of(int status) {
  return status == 404 ? "not_found_error" : "invalid_request_error";
}

}  // namespace

json::object StoredBatch::to_json(WallTime now) const {
  const bool over = ended(now);
  const bool cancelled = cancelled_at.count() != 0;
  std::map<std::string, std::int64_t> counts;
  for (const auto& [custom_id, params] : requests) {
    ++counts[over ? std::string(result_of(params).at("type").as_string()) : "processing"];
  }
  json::object request_counts;
  for (const char* kind : {"processing", "succeeded", "errored", "canceled", "expired"})
    request_counts[kind] = counts[kind];
  return {
      {"id", id},
      {"type", "message_batch"},
      {"processing_status", over        ? "ended"
                            : cancelled ? "canceling"
                                        : "in_progress"},
      {"request_counts", std::move(request_counts)},
      {"ended_at", time_or_null(std::min(ends_at, expires_at), over)},
      {"created_at", to_rfc3339(created_at)},
      {"expires_at", to_rfc3339(expires_at)},
      {"archived_at", nullptr},
      {"cancel_initiated_at", time_or_null(cancelled_at, cancelled)},
      {"results_url", over ? json::value("https://api.anthropic.com/v1/messages/batches/" + id + "/results")
                           : json::value(nullptr)}};
}

json::object StoredBatch::result_of(const json::value& params) const {
  if (cancelled_at.count() != 0) return {{"type", "canceled"}};
  if (expires_at < ends_at) return {{"type", "expired"}};
  if (const auto refusal = check_messages_request(params, true)) {
    return {{"type", "errored"},
            {"error",
             {{"type", "error"},
              {"error", {{"type", error_type_of(refusal->status)}, {"message", refusal->message}}},
              {"request_id", nullptr}}}};
  }
  return {{"type", "succeeded"}};
}

std::string StoredBatch::results(WallTime) const {
  std::string lines;
  std::size_t number = 0;
  for (const auto& [custom_id, params] : requests) {
    json::object result = result_of(params);
    if (result.at("type").as_string() == "succeeded") {
      const ScriptOptions options{.message_id = "msg_" + id + "_" + std::to_string(number)};
      json::object message = write_script(params, options).message;
      message["usage"].as_object()["service_tier"] = "batch";
      result["message"] = std::move(message);
    }
    ++number;
    lines += json::serialize(json::object{{"custom_id", custom_id}, {"result", std::move(result)}}) + '\n';
  }
  return lines;
}

std::string read_batch(const json::value& body, StoredBatch& batch) {
  const json::value* const requests = find_member(body, "requests");
  if (requests == nullptr) return "requests: Field required";
  if (!requests->is_array() || requests->get_array().empty())
    return "requests: List should have at least 1 item";
  std::set<std::string, std::less<>> seen;
  for (const json::value& request : requests->get_array()) {
    const std::string where = "requests." + std::to_string(batch.requests.size()) + '.';
    const std::string_view custom_id = string_member(request, "custom_id");
    const json::value* const params = find_member(request, "params");
    if (custom_id.empty()) return where + "custom_id: Field required";
    if (custom_id.size() > 64) return where + "custom_id: String should have at most 64 characters";
    if (!seen.insert(std::string(custom_id)).second) return where + "custom_id: is not unique";
    if (params == nullptr || !params->is_object()) return where + "params: Field required";
    batch.requests.emplace_back(custom_id, *params);
  }
  return {};
}

void StoredBatches::add(StoredBatch batch) {
  const std::lock_guard lock(mutex_);
  batches_.push_back(std::move(batch));
}

std::unique_ptr<StoredBatch> StoredBatches::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(batches_, id, &StoredBatch::id);
  return found == batches_.end() ? nullptr : std::make_unique<StoredBatch>(*found);
}

std::vector<StoredBatch> StoredBatches::all() const {
  const std::lock_guard lock(mutex_);
  return {batches_.rbegin(), batches_.rend()};
}

void StoredBatches::cancel(std::string_view id, WallTime now) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(batches_, id, &StoredBatch::id);
  if (found == batches_.end() || found->ended(now) || found->cancelled_at.count() != 0) return;
  found->cancelled_at = now;
  found->ends_at = std::min(found->ends_at, now + kCancelTakes);
}

bool StoredBatches::remove(std::string_view id) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(batches_, [id](const StoredBatch& batch) { return batch.id == id; }) > 0;
}

}  // namespace weir::ops::upstream
