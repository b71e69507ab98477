#include "ops/upstream/recordings.h"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/text.h"

namespace weir::ops::upstream {
namespace {

bool is_framing(std::string_view name) {
  constexpr std::string_view names[] = {"connection", "content-encoding", "content-length", "date", "transfer-encoding"};
  return std::ranges::find(names, name) != std::end(names);
}

// The value of `response.body` as the file spells it, so that numbers keep their spelling.
std::string raw_body(const std::string& text) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(text);
  auto document = parser.iterate(padded);
  std::string_view raw;
  if (simdjson::to_json_string(document["response"]["body"]).get(raw) != simdjson::SUCCESS) return {};
  return std::string(trim(raw));
}

Result<Recording> read_response(const json::value& exchange, const std::string& text) {
  const json::value* const response = find_member(exchange, "response");
  const json::value* const status = response != nullptr ? find_member(*response, "status") : nullptr;
  if (status == nullptr || !status->is_int64()) return fail(Code::invalid_request, "response.status is missing");
  Recording recording{.status = static_cast<int>(status->get_int64())};
  if (const json::value* const headers = find_member(*response, "headers"); headers != nullptr && headers->is_object()) {
    for (const auto& [name, value] : headers->get_object()) {
      if (value.is_string() && !is_framing(name)) recording.headers.add(name, std::string_view(value.get_string()));
    }
  }
  recording.is_stream = find_member(*response, "sse_text") != nullptr;
  if (find_member(*response, "body") != nullptr) {
    recording.body = raw_body(text);
  } else if (find_member(*response, "body_base64") != nullptr) {
    auto bytes = from_base64(string_member(*response, "body_base64"));
    if (!bytes) return fail(Code::invalid_request, "response.body_base64 is not base64");
    recording.body = *std::move(bytes);
  } else {
    recording.body = string_member(*response, recording.is_stream ? "sse_text" : "body_text");
  }
  return recording;
}

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
  std::error_code ec;
  std::vector<std::filesystem::path> paths;
  for (std::filesystem::directory_iterator it(directory, ec), end; !ec && it != end; it.increment(ec)) {
    if (it->path().extension() == ".json") paths.push_back(it->path());
  }
  if (ec) return fail(Code::invalid_request, "cannot read the recordings in " + directory + ": " + ec.message());
  std::ranges::sort(paths);
  Recordings recordings;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto exchange = parse_json(text);
    auto recording = exchange ? read_response(*exchange, text) : Result<Recording>(fail(exchange.error()));
    if (!recording) {
      recording.error().message = path.filename().string() + ": " + recording.error().message;
      return fail(recording);
    }
    const auto [at, added] = recordings.by_name_.emplace(path.stem().string(), *std::move(recording));
    const json::value* const request = find_member(*exchange, "request");
    const json::value* const body = request != nullptr ? find_member(*request, "body") : nullptr;
    if (body == nullptr || !string_member(*request, "path").starts_with("/v1/messages")) continue;
    if (string_member(*request, "path").contains("count_tokens")) continue;
    if (std::string key = request_key(*body); !key.empty()) recordings.by_request_.emplace(std::move(key), &at->second);
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
