#include "ops/upstream/recordings.h"

#include <utility>

#include "data/cassettes/cassette.h"

namespace weir::ops::upstream {
namespace {

std::string request_key(const json::value& request) {
  const std::string_view model = string_member(request, "model");
  const std::string text = last_user_text(request);
  if (model.empty() || text.empty()) return {};
  const json::value* const stream = find_member(request, "stream");
  const bool streams = stream != nullptr && stream->is_bool() && stream->get_bool();
  return std::string(streams ? "stream\n" : "json\n") + std::string(model) + "\n" + text;
}

}  // namespace

Result<Recordings> Recordings::load(const std::string& directory) {
  auto cassettes = data::load_cassettes(directory);
  if (!cassettes) return fail(cassettes);
  Recordings recordings;
  for (data::Cassette& cassette : *cassettes) {
    data::CassetteResponse& response = cassette.response;
    Recording recording{.status = response.status,
                        .headers = std::move(response.headers),
                        .body = std::move(response.body),
                        .is_stream = response.is_stream};
    const auto [at, added] = recordings.by_name_.emplace(std::move(cassette.name), std::move(recording));
    const data::CassetteRequest& request = cassette.request;
    if (!request.path.starts_with("/v1/messages") || request.path.contains("count_tokens")) continue;
    const auto body = parse_json(request.body);
    if (!body) continue;
    if (std::string key = request_key(*body); !key.empty())
      recordings.by_request_.emplace(std::move(key), &at->second);
  }
  return recordings;
}

const Recording* Recordings::find(std::string_view file_name) const {
  if (file_name.ends_with(".json")) file_name.remove_suffix(5);
  const auto found = by_name_.find(file_name);
  return found == by_name_.end() ? nullptr : &found->second;
}

const Recording* Recordings::match(const json::value& request) const {
  const auto found = by_request_.find(request_key(request));
  return found == by_request_.end() ? nullptr : found->second;
}

std::string last_user_text(const json::value& request) {
  const json::value* const messages = find_member(request, "messages");
  if (messages == nullptr || !messages->is_array()) return {};
  const auto& list = messages->get_array();
  for (std::size_t i = list.size(); i-- > 0;) {
    if (string_member(list[i], "role") != "user") continue;
    std::string text(string_member(list[i], "content"));
    const json::value* const blocks = find_member(list[i], "content");
    if (blocks != nullptr && blocks->is_array()) {
      for (const json::value& block : blocks->get_array()) {
        if (string_member(block, "type") != "text") continue;
        if (!text.empty()) text += '\n';
        text += string_member(block, "text");
      }
    }
    if (!text.empty()) return text;
  }
  return {};
}

}  // namespace weir::ops::upstream
