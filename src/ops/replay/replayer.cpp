#include "ops/replay/replayer.h"

#include <algorithm>

#include "net/sleep.h"
#include "net/sse/sse.h"

namespace weir::ops::replay {
namespace {

constexpr std::string_view kNamed = "x-weir-cassette";

data::CassetteRequest request_of(const net::Request& request, std::string body) {
  data::CassetteRequest asked{.method = request.method, .path = request.target};
  asked.headers = request.headers;
  asked.body = std::move(body);
  return asked;
}

net::Response problem(int status, std::string_view path, const std::string& message) {
  net::Response response{.status = status, .headers = {{"content-type", "application/json"}}};
  response.headers.add("x-should-retry", "false");
  const bool is_messages = path.starts_with("/v1/messages");
  const json::object error{{"type", status == 404 ? "not_found_error" : "invalid_request_error"},
                           {"message", message}};
  response.body = is_messages ? to_json(json::object{{"type", "error"}, {"error", error}})
                              : to_json(json::object{{"error", error}});
  return response;
}

}  // namespace

Replayer::Replayer(ReplayerConfig config, std::vector<data::Cassette> cassettes, const Clock& clock,
                   observe::Log& log)
    : config_(std::move(config)),
      redactor_(config_.redaction),
      cassettes_(std::move(cassettes)),
      clock_(clock),
      log_(log) {
  for (std::size_t i = 0; i < cassettes_.size(); ++i) {
    data::CassetteRequest request = cassettes_[i].request;
    redactor_.redact(request);
    normals_.push_back(normal_form(request, config_.match));
    by_name_.emplace(cassettes_[i].name, i);
    // A recorder that kept no request: only its name leads to it.
    if (!request.path.empty()) by_request_[normals_.back().key()].push_back(i);
  }
}

net::Handler Replayer::handler() {
  return [this](net::Request& request, net::Responder& responder) { return answer(request, responder); };
}

const data::Cassette* Replayer::choose(const data::CassetteRequest& asked, std::string_view named) {
  if (!named.empty()) {
    const auto found = by_name_.find(named);
    return found == by_name_.end() ? nullptr : &cassettes_[found->second];
  }
  std::string key = normal_form(asked, config_.match).key();
  const auto found = by_request_.find(key);
  if (found == by_request_.end()) return nullptr;
  const std::lock_guard lock(mutex_);
  const std::size_t turn = played_[std::move(key)]++;
  return &cassettes_[found->second[std::min(turn, found->second.size() - 1)]];
}

Task<> Replayer::answer(net::Request& request, net::Responder& responder) {
  auto body = co_await net::read_all(*request.body, config_.body_size_max);
  if (!body) {
    auto response =
        problem(body.error().code == Code::too_large ? 413 : 400, request.path, body.error().message);
    co_await responder.send(std::move(response));
    co_return;
  }
  data::CassetteRequest asked = request_of(request, *std::move(body));
  const std::string named(asked.headers.get(kNamed));
  redactor_.redact(asked);
  const data::Cassette* const cassette = choose(asked, named);
  if (cassette == nullptr) {
    co_await refuse(asked, responder);
  } else {
    co_await play(*cassette, responder);
  }
}

Task<> Replayer::play(const data::Cassette& cassette, net::Responder& responder) {
  const data::CassetteResponse& recorded = cassette.response;
  net::ResponseHead head{.status = recorded.status, .headers = recorded.headers};
  head.headers.set(kNamed, cassette.name);
  std::vector<data::CassetteChunk> chunks = recorded.chunks;
  if (chunks.empty() && !recorded.is_stream && !recorded.cut) {
    net::Response response{.status = head.status, .headers = std::move(head.headers), .body = recorded.body};
    co_await responder.send(std::move(response));
    co_return;
  }
  if (chunks.empty()) {
    std::size_t at = 0;  // event by event
    while (at < recorded.body.size()) {
      const std::size_t blank = recorded.body.find("\n\n", at);
      const std::size_t end = blank == std::string::npos ? recorded.body.size() : blank + 2;
      chunks.push_back({.size = end - at});
      at = end;
    }
  }
  const Monotonic began_at = clock_.monotonic();
  if (config_.timings && !chunks.empty()) co_await net::sleep_for(chunks[0].at);
  const bool whole = !recorded.is_stream && !recorded.cut;
  const auto started =
      co_await responder.start(std::move(head), whole ? static_cast<std::int64_t>(recorded.body.size()) : -1);
  if (!started) co_return;
  std::string_view rest = recorded.body;
  for (const data::CassetteChunk& chunk : chunks) {
    const auto pause = began_at + chunk.at - clock_.monotonic();
    if (config_.timings && pause.count() > 0) co_await net::sleep_for(pause);
    const std::string_view piece = rest.substr(0, chunk.size);
    rest.remove_prefix(piece.size());
    if (piece.empty()) continue;
    const auto written = co_await responder.write(piece);
    if (!written) co_return;
  }
  if (recorded.cut) {
    responder.abort();
    co_return;
  }
  co_await responder.finish();
}

Task<> Replayer::refuse(const data::CassetteRequest& asked, net::Responder& responder) const {
  const Normal normal = normal_form(asked, config_.match);
  const std::string line = asked.method + " " + asked.path;
  std::string message = "no cassette fits " + line;
  const data::Cassette* nearest = nullptr;
  Difference least;
  for (std::size_t i = 0; i < cassettes_.size(); ++i) {
    if (cassettes_[i].request.path.empty()) continue;
    Difference its = difference(normal, normals_[i]);
    // Another route is further away than any body.
    if (normals_[i].line != normal.line) its.count += 1'000'000;
    if (nearest != nullptr && its.count >= least.count) continue;
    nearest = &cassettes_[i];
    least = std::move(its);
  }
  if (nearest != nullptr)
    message += "; the nearest is " + nearest->name + ", which differs in " + least.first;
  auto response = problem(404, asked.path, message);
  if (nearest != nullptr) response.headers.set("x-weir-nearest-cassette", nearest->name);
  log_.warn(message);
  co_await responder.send(std::move(response));
}

}  // namespace weir::ops::replay
