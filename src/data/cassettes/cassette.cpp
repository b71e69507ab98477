#include "data/cassettes/cassette.h"

#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "base/time_format.h"

namespace weir::data {
namespace {

bool is_framing(std::string_view name) {
  constexpr std::string_view names[] = {"connection", "content-encoding", "content-length",
                                        "date",       "keep-alive",       "transfer-encoding"};
  return std::ranges::find(names, name) != std::end(names);
}

// JSON that can stand in a file as it is: whole, and without space around it.
bool is_plain_json(std::string_view text) {
  if (text.empty() || trim(text).size() != text.size() || !is_valid_utf8(text)) return false;
  return parse_json(text, 512).has_value();
}

void append_body(JsonWriter& out, std::string_view body, bool is_stream) {
  if (!is_stream && is_plain_json(body)) {
    out.name("body");
    out.json(body);
  } else if (is_valid_utf8(body)) {
    out.text(is_stream ? "sse_text" : "body_text", body);
  } else {
    out.text("body_base64", to_base64(body));
  }
}

void append_headers(std::string& text, JsonWriter& out, const net::Headers& headers) {
  out.name("headers");
  out.begin_object();
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const std::string name(headers[i].name);
    bool told = false;
    for (std::size_t j = 0; j < i; ++j) told = told || headers[j].name == name;
    if (told) continue;
    text += text.back() == '{' ? "\n      " : ",\n      ";
    append_json_string(text, name);
    text += ": ";
    append_json_string(text, headers.joined(name));
  }
  out.end_object();
}

// The value at that path as the file spells it, so that numbers keep their spelling.
std::string raw_member(const std::string& text, const char* side) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(text);
  auto document = parser.iterate(padded);
  std::string_view raw;
  if (simdjson::to_json_string(document[side]["body"]).get(raw) != simdjson::SUCCESS) return {};
  return std::string(trim(raw));
}

Result<std::string> read_body(const json::value& message, const std::string& text, const char* side) {
  if (find_member(message, "body") != nullptr) {
    return find_member(message, "body")->is_null() ? std::string() : raw_member(text, side);
  }
  if (find_member(message, "body_base64") != nullptr) {
    auto bytes = from_base64(string_member(message, "body_base64"));
    if (!bytes) return fail(Code::invalid_request, std::string(side) + ".body_base64 is not base64");
    return *std::move(bytes);
  }
  const bool is_stream = find_member(message, "sse_text") != nullptr;
  return std::string(string_member(message, is_stream ? "sse_text" : "body_text"));
}

net::Headers read_headers(const json::value& message) {
  net::Headers headers;
  const json::value* const object = find_member(message, "headers");
  if (object == nullptr || !object->is_object()) return headers;
  for (const auto& [name, value] : object->get_object()) {
    if (value.is_string() && !is_framing(name)) headers.add(name, std::string_view(value.get_string()));
  }
  return headers;
}

// [[milliseconds, bytes], …]; anything that does not add up to the body is as good as nothing.
std::vector<CassetteChunk> read_chunks(const json::value& response, std::size_t body_size) {
  std::vector<CassetteChunk> chunks;
  const json::value* const list = find_member(response, "chunks");
  if (list == nullptr || !list->is_array()) return chunks;
  std::size_t sum = 0;
  for (const json::value& one : list->get_array()) {
    const auto* const pair = one.if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_number() || !(*pair)[1].is_int64() ||
        (*pair)[1].get_int64() < 0)
      return {};
    const std::chrono::duration<double, std::milli> at((*pair)[0].to_number<double>());
    const auto size = static_cast<std::size_t>((*pair)[1].get_int64());
    chunks.push_back({std::chrono::duration_cast<std::chrono::nanoseconds>(at), size});
    sum += size;
  }
  if (sum != body_size) chunks.clear();
  return chunks;
}

Result<CassetteResponse> read_response(const json::value& exchange, const std::string& text) {
  const json::value* const message = find_member(exchange, "response");
  const json::value* const status = message != nullptr ? find_member(*message, "status") : nullptr;
  if (status == nullptr || !status->is_int64())
    return fail(Code::invalid_request, "response.status is missing");
  CassetteResponse response{.status = static_cast<int>(status->get_int64())};
  response.headers = read_headers(*message);
  response.is_stream = find_member(*message, "sse_text") != nullptr;
  auto body = read_body(*message, text, "response");
  if (!body) return fail(body);
  response.body = *std::move(body);
  response.chunks = read_chunks(*message, response.body.size());
  const json::value* const cut = find_member(*message, "cut");
  response.cut = cut != nullptr && cut->is_bool() && cut->get_bool();
  return response;
}

}  // namespace

std::string write_cassette(const Cassette& cassette) {
  std::string text = "{\n  \"weir_cassette\": " + std::to_string(kCassetteVersion) +
                     ",\n  \"recorded_at\": \"" + to_rfc3339(cassette.recorded_at) + "\",\n  \"request\": ";
  JsonWriter out(text);
  const auto next_line = [&text] { text += text.back() == '{' ? "\n    " : ",\n    "; };
  text += "{\n    ";
  append_json_string(text += "\"method\": ", cassette.request.method);
  next_line();
  append_json_string(text += "\"path\": ", cassette.request.path);
  append_headers(text, out, cassette.request.headers);
  if (!cassette.request.body.empty()) append_body(out, cassette.request.body, false);
  text += "\n  },\n  \"response\": {\n    \"status\": " + std::to_string(cassette.response.status);
  append_headers(text, out, cassette.response.headers);
  append_body(out, cassette.response.body, cassette.response.is_stream);
  if (cassette.response.cut) out.boolean("cut", true);
  if (!cassette.response.chunks.empty()) {
    out.name("chunks");
    out.begin_array();
    for (const CassetteChunk& chunk : cassette.response.chunks) {
      out.begin_array();
      out.milliseconds(chunk.at);
      out.number(static_cast<std::int64_t>(chunk.size));
      out.end_array();
    }
    out.end_array();
  }
  return text + "\n  }\n}\n";
}

Result<Cassette> read_cassette(std::string name, const std::string& text) {
  const auto exchange = parse_json(text, 512);
  if (!exchange) return fail(exchange.error());
  const json::value* const version = find_member(*exchange, "weir_cassette");
  if (version != nullptr && (!version->is_int64() || version->get_int64() != kCassetteVersion))
    return fail(Code::invalid_request, "this cassette's version is not known: " + json::serialize(*version));
  Cassette cassette{.name = std::move(name)};
  if (const auto at = parse_rfc3339(string_member(*exchange, "recorded_at"))) cassette.recorded_at = *at;
  auto response = read_response(*exchange, text);
  if (!response) return fail(response);
  cassette.response = *std::move(response);
  const json::value* const request = find_member(*exchange, "request");
  if (request == nullptr || !request->is_object()) return cassette;
  cassette.request.method = string_member(*request, "method");
  cassette.request.path = string_member(*request, "path");
  cassette.request.headers = read_headers(*request);
  auto body = read_body(*request, text, "request");
  if (!body) return fail(body);
  cassette.request.body = *std::move(body);
  return cassette;
}

Result<std::vector<Cassette>> load_cassettes(const std::string& directory) {
  std::error_code ec;
  std::vector<std::filesystem::path> paths;
  for (std::filesystem::directory_iterator it(directory, ec), end; !ec && it != end; it.increment(ec)) {
    if (it->path().extension() == ".json") paths.push_back(it->path());
  }
  if (ec)
    return fail(Code::invalid_request, "cannot read the recordings in " + directory + ": " + ec.message());
  std::ranges::sort(paths);
  std::vector<Cassette> cassettes;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto cassette = read_cassette(path.stem().string(), text);
    if (!cassette) {
      cassette.error().message = path.filename().string() + ": " + cassette.error().message;
      return fail(cassette);
    }
    cassettes.push_back(*std::move(cassette));
  }
  return cassettes;
}

std::string cassette_name(const Cassette& cassette, std::uint64_t mark) {
  constexpr std::size_t kPathMax = 48;
  std::string name;
  for (const char c : to_rfc3339(cassette.recorded_at)) {
    if (c != '-' && c != ':') name += c;
  }
  const std::string_view path = std::string_view(cassette.request.path);
  for (const char c :
       to_lower(cassette.request.method) + std::string(path.substr(0, path.find('?')).substr(0, kPathMax))) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (name.size() == 20) name += '-';
    name += plain ? c : '-';
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  name += '-';
  for (int shift = 20; shift >= 0; shift -= 4) name += kDigits[(mark >> shift) & 15];
  return name;
}

}  // namespace weir::data
