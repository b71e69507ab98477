#include "ops/upstream/simulator.h"

#include "base/text.h"
#include "base/time_format.h"
#include "net/sleep.h"
#include "ops/upstream/chat_api.h"
#include "ops/upstream/messages_api.h"
#include "ops/upstream/open_answer.h"
#include "ops/upstream/script.h"

namespace weir::ops::upstream {
namespace {

constexpr std::size_t kFaultsSizeMax = 4'096;
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kEventStream = "text/event-stream; charset=utf-8";

// Each event with the empty line that ends it; nothing is added and nothing is lost.
std::vector<std::string> split_events(std::string_view text) {
  std::vector<std::string> events;
  while (!text.empty()) {
    const std::size_t end = text.find("\n\n");
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 2;
    events.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return events;
}

bool wants_stream(const json::value& request) {
  const json::value* const stream = find_member(request, "stream");
  return stream != nullptr && stream->is_bool() && stream->get_bool();
}

}  // namespace

Simulator::Simulator(SimulatorConfig config, const Clock& clock, Random& random)
    : config_(std::move(config)),
      clock_(clock),
      random_(random),
      usual_faults_(config_.faults),
      clouds_(config_.cloud, clock, random, config_.body_size_max),
      objects_({.clock = clock,
                .headers = [this](std::string_view type) { return usual_headers(type); },
                .new_id = [this](std::string_view prefix) { return new_api_id(prefix); },
                .permissive = config_.permissive}) {}

Result<> Simulator::load() {
  auto faults = parse_faults(config_.faults);
  if (!faults) return fail(faults);
  if (config_.recordings_directory.empty()) return {};
  auto recordings = Recordings::load(config_.recordings_directory);
  if (!recordings) return fail(recordings);
  recordings_ = *std::move(recordings);
  return {};
}

net::Handler Simulator::handler() {
  return [this](net::Request& request, net::Responder& responder) { return serve(request, responder); };
}

Task<> Simulator::serve(net::Request& request, net::Responder& responder) {
  PacedResponder paced(responder);
  if (!clouds_.owns(request)) {
    co_await answer(request, paced, paced);
    co_return;
  }
  net::Handler messages = [this, &paced](net::Request& inner, net::Responder& dressed) {
    return answer(inner, dressed, paced);
  };
  std::string key = config_.api_key.empty() ? "any" : config_.api_key;
  co_await clouds_.answer(request, paced, std::move(messages), std::move(key));
}

// `pace`: what `responder` writes to in the end.
Task<> Simulator::answer(net::Request& request, net::Responder& responder, PacedResponder& pace) {
  if (request.path == "/healthz" || request.path.starts_with("/__")) {
    co_await answer_operator(request, responder);
    co_return;
  }
  ++stats_.requests;
  const Wire& wire = wire_of(request.path);
  if (!has_key(request)) {
    co_await send_error(401, "invalid x-api-key", responder, wire);
    co_return;
  }
  if (ObjectsApi::takes(request.path) && !request.headers.contains("x-weir-recording")) {
    co_await answer_objects(request, responder);
    co_return;
  }
  // Before any wait: the server watches for a client that leaves once it has read what the client sends.
  auto body = co_await net::read_all(*request.body, config_.body_size_max);
  if (!body) {
    const int status = body.error().code == Code::too_large ? 413 : 400;
    co_await send_error(status, body.error().message, responder, wire);
    co_return;
  }
  auto faults = faults_of(request);
  if (!faults) {
    co_await send_error(400, faults.error().message, responder, wire);
    co_return;
  }
  pace.pause_after_bytes(faults->byte_delay);
  {
    OpenAnswer waiting(stats_);
    if (faults->stall_first) co_await stall(responder);
    if (faults->stall_first) co_return;
    if (faults->first_delay.count() > 0) co_await net::sleep_for(faults->first_delay);
    waiting.hand_on();
  }
  if (faults->status != 0) {
    co_await send_faulty_status(responder, *faults, wire);
    co_return;
  }
  const Recording* recording = nullptr;
  if (const auto name = request.headers.find("x-weir-recording")) {
    recording = recordings_.find(*name);
    if (recording == nullptr) {
      co_await send_error(404, "there is no recording " + std::string(*name), responder, wire);
      co_return;
    }
    co_await replay(*recording, responder, *faults, wire);
    co_return;
  }
  const bool lists_models = request.method == "GET" && request.path == "/v1/models";
  const std::string_view path = request.path;
  const std::string_view model = path.starts_with("/v1/models/") ? path.substr(11) : std::string_view();
  if (lists_models || (request.method == "GET" && serves_model(model))) {
    net::Response response{.headers = usual_headers(kJson),
                           .body = lists_models ? models_body() : model_body(model)};
    co_await send_whole(std::move(response), responder, *faults, wire);
    co_return;
  }
  if (request.method == "POST" &&
      (path == "/v1/messages" || path == "/v1/messages/count_tokens" || is_chat_path(path))) {
    co_await answer_messages(request, *std::move(body), responder, *faults);
    co_return;
  }
  co_await send_error(404, "Not found", responder, wire);
}

// What does not come from a gateway: neither needs a key, and neither is counted.
Task<> Simulator::answer_operator(net::Request& request, net::Responder& responder) {
  net::Response response{.headers = {{"content-type", kJson}}};
  if (request.method == "PUT" && request.path == "/__faults") {
    auto text = co_await net::read_all(*request.body, kFaultsSizeMax);
    const Result<Faults> faults = text ? parse_faults(*text) : Result<Faults>(fail(text));
    if (faults) {
      const std::lock_guard lock(faults_mutex_);
      usual_faults_ = *text;
    }
    response.status = faults ? 204 : 400;
    if (!faults) response.body = error_body(400, faults.error().message, "");
  } else {
    response.body = stats_json();
  }
  co_await responder.send(std::move(response));
}

// Their bodies are read as they arrive, so that an error may come before the end of one.
Task<> Simulator::answer_objects(net::Request& request, net::Responder& responder) {
  OpenAnswer open(stats_);
  const auto faults = faults_of(request);
  if (faults && faults->status != 0) {
    open.hand_on();
    co_await send_faulty_status(responder, *faults, wire_of(request.path));
    co_return;
  }
  if (faults && faults->first_delay.count() > 0) co_await net::sleep_for(faults->first_delay);
  const bool answered = co_await objects_.answer(request, responder);
  if (answered) open.done();
}

Task<> Simulator::answer_messages(net::Request& request, std::string text, net::Responder& responder,
                                  Faults faults) {
  const Wire& wire = wire_of(request.path);
  const auto body = parse_json(text);
  if (!body) {
    co_await send_error(400, body.error().message, responder, wire);
    co_return;
  }
  const bool counts = request.path.ends_with("count_tokens");
  const bool chat = is_chat_path(request.path);
  if (const Recording* const recording = counts || chat ? nullptr : recordings_.match(*body)) {
    co_await replay(*recording, responder, faults, wire);
    co_return;
  }
  const auto refusal = check_messages_request(*body, !counts && !chat);
  if (refusal && !(config_.permissive && refusal->status == 404)) {
    co_await send_error(refusal->status, refusal->message, responder, wire);
    co_return;
  }
  if (counts) {
    const json::object count{{"input_tokens", count_input_tokens(*body)}};
    net::Response response{.headers = usual_headers(kJson), .body = json::serialize(count)};
    co_await send_whole(std::move(response), responder, faults, wire);
    co_return;
  }
  const ScriptOptions options{.message_id = new_api_id("msg_01"), .deltas = faults.events};
  Script script = write_script(*body, options);
  if (chat) script = chat_script(*body, std::move(script));
  if (wants_stream(*body)) {
    net::ResponseHead head{.headers = usual_headers(kEventStream)};
    head.headers.set("cache-control", "no-cache");
    co_await send_stream(std::move(head), std::move(script.events), responder, faults, wire);
    co_return;
  }
  net::Response response{.headers = usual_headers(kJson), .body = json::serialize(script.message)};
  co_await send_whole(std::move(response), responder, faults, wire);
}

Task<> Simulator::replay(const Recording& recording, net::Responder& responder, Faults faults,
                         const Wire& wire) {
  if (recording.is_stream) {
    net::ResponseHead head{.status = recording.status, .headers = recording.headers};
    auto events = split_events(recording.body);
    co_await send_stream(std::move(head), std::move(events), responder, faults, wire);
    co_return;
  }
  net::Response response{.status = recording.status, .headers = recording.headers, .body = recording.body};
  co_await send_whole(std::move(response), responder, faults, wire);
}

Task<> Simulator::send_error(int status, std::string message, net::Responder& responder, const Wire& wire) {
  net::Response response{.status = status, .headers = usual_headers(kJson)};
  response.body = wire.error_body(status, message, response.headers.get("request-id"));
  if (status < 409) response.headers.set("x-should-retry", "false");
  co_await send_whole(std::move(response), responder, Faults(), wire);
}

Task<> Simulator::send_faulty_status(net::Responder& responder, Faults faults, const Wire& wire) {
  net::Response response{.status = faults.status, .headers = usual_headers(kJson)};
  response.body =
      wire.error_body(faults.status, usual_error_message(faults.status), response.headers.get("request-id"));
  co_await send_whole(std::move(response), responder, faults, wire);
}

Result<Faults> Simulator::faults_of(const net::Request& request) {
  std::string usual;
  {
    const std::lock_guard lock(faults_mutex_);
    usual = usual_faults_;
  }
  auto faults = parse_faults(request.headers.find("x-weir-fault").value_or(usual));
  if (!faults) return faults;
  if (faults->percent < 100 && random_.next_unit() * 100 >= static_cast<double>(faults->percent))
    return Faults();
  if (faults->times == 0) return faults;
  const std::int64_t number = fault_counts_.count(request.headers.get("x-weir-fault-id"));
  return number <= faults->times ? faults : Faults();
}

bool Simulator::serves_model(std::string_view model) const {
  return is_known_model(model) || (config_.permissive && !model.empty());
}

bool Simulator::has_key(const net::Request& request) const {
  constexpr std::string_view scheme = "bearer ";
  std::string_view key = request.headers.get("x-api-key");
  const std::string_view authorization = request.headers.get("authorization");
  if (key.empty() && iequals(authorization.substr(0, scheme.size()), scheme))
    key = trim(authorization.substr(scheme.size()));
  return config_.api_key.empty() ? !key.empty() : key == config_.api_key;
}

net::Headers Simulator::usual_headers(std::string_view content_type) {
  const std::string reset = to_rfc3339(clock_.wall());
  net::Headers headers{{"content-type", content_type},
                       {"request-id", new_api_id("req_01")},
                       {"anthropic-organization-id", "simulated"}};
  const std::pair<std::string_view, std::string_view> limits[] = {
      {"requests", "4000"}, {"tokens", "480000"}, {"input-tokens", "400000"}, {"output-tokens", "80000"}};
  for (const auto& [what, limit] : limits) {
    const std::string name = "anthropic-ratelimit-" + std::string(what);
    headers.add(name + "-limit", limit);
    headers.add(name + "-remaining", limit);
    headers.add(name + "-reset", reset);
  }
  return headers;
}

std::string Simulator::new_api_id(std::string_view prefix) {
  std::array<std::byte, 16> bytes;
  random_.fill(bytes);
  return std::string(prefix) + to_base62(bytes, 22);
}

std::string Simulator::stats_json() const {
  return json::serialize(json::object{{"requests", stats_.requests.load()},
                                      {"open_streams", stats_.open_streams.load()},
                                      {"aborted", stats_.aborted.load()},
                                      {"completed", stats_.completed.load()},
                                      {"tokens_issued", clouds_.tokens_issued()},
                                      {"connections", connections_ ? connections_() : 0}});
}

}  // namespace weir::ops::upstream
