#include "ops/record/recorder.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "model/routing/glob.h"

namespace weir::ops::record {
namespace {

// Between two neighbours only (RFC 9110 §7.6.1), or the server's and the client's own.
bool is_hop_by_hop(std::string_view name) {
  constexpr std::array<std::string_view, 11> kNames{"connection", "keep-alive", "proxy-connection",  "te",
                                                    "trailer",    "upgrade",    "transfer-encoding", "host",
                                                    "expect",     "date",       "content-length"};
  return std::ranges::find(kNames, name) != kNames.end();
}

net::Headers end_to_end(const net::Headers& headers) {
  net::Headers kept = headers;
  kept.remove_if([](const net::Field& field) { return is_hop_by_hop(field.name); });
  return kept;
}

bool any_fits(const std::vector<std::string>& globs, std::string_view text) {
  return globs.empty() || std::ranges::any_of(globs, [text](const std::string& glob) {
           return model::glob_matches(glob, text);
         });
}

bool is_encoded(const net::Headers& headers) {
  const std::string_view encoding = headers.get("content-encoding");
  return !encoding.empty() && !iequals(encoding, "identity");
}

// Writes down an exchange that its client left, however that came about.
class Departure {
 public:
  explicit Departure(data::CassetteWriter& writer, bool chosen) : writer_(writer), open_(chosen) {}
  ~Departure() {
    if (open_) writer_.drop("client_gone");
  }
  Departure(const Departure&) = delete;
  Departure& operator=(const Departure&) = delete;
  void done() { open_ = false; }

 private:
  data::CassetteWriter& writer_;
  bool open_;
};

}  // namespace

Recorder::Recorder(RecorderConfig config, net::HttpClient& client, data::CassetteWriter& writer,
                   const Clock& clock, Random& random)
    : config_(std::move(config)), client_(client), writer_(writer), clock_(clock), random_(random) {}

net::Handler Recorder::handler() {
  return [this](net::Request& request, net::Responder& responder) { return pass(request, responder); };
}

bool Recorder::chooses(const net::Request& request, std::string_view body) {
  if (!any_fits(config_.paths, request.path)) return false;
  if (!config_.models.empty()) {
    const auto document = parse_json(body, 512);
    if (!document || !any_fits(config_.models, string_member(*document, "model"))) return false;
  }
  return config_.sample >= 1.0 || random_.next_unit() < config_.sample;
}

Task<> Recorder::pass(net::Request& request, net::Responder& responder) {
  auto body = co_await net::read_all(*request.body, config_.body_size_max);
  if (!body) {
    net::Response refusal{.status = body.error().code == Code::too_large ? 413 : 400,
                          .body = body.error().message};
    co_await responder.send(std::move(refusal));
    co_return;
  }
  const bool chosen = chooses(request, *body);
  Departure departure(writer_, chosen);
  data::Cassette cassette;
  cassette.recorded_at = clock_.wall();
  cassette.request.method = request.method;
  cassette.request.path = config_.upstream.base_path + request.target;
  net::ClientRequest forwarded;
  forwarded.method = request.method;
  forwarded.target = request.target;
  forwarded.headers = end_to_end(request.headers);
  if (chosen) {
    cassette.request.headers = forwarded.headers;
    cassette.request.headers.remove("accept-encoding");
    forwarded.headers.set("accept-encoding", "identity");
  }
  forwarded.body = *body;
  const net::ClientTimeouts timeouts;
  auto answer = co_await client_.send(config_.upstream, std::move(forwarded), timeouts);
  if (!answer) {
    departure.done();
    if (chosen) writer_.drop("no_answer");
    net::Response refusal{.status = 502, .headers = {{"content-type", "application/json"}}};
    refusal.body = to_json(json::object{{"error", json::object{{"message", answer.error().message}}}});
    co_await responder.send(std::move(refusal));
    co_return;
  }
  bool too_large = !chosen || body->size() > config_.exchange_size_max;
  cassette.request.body = too_large ? std::string() : *std::move(body);
  const bool whole = co_await relay(**answer, responder, cassette, too_large);
  if (!whole && !cassette.response.cut) co_return;  // the client left
  departure.done();
  if (!chosen) co_return;
  if (too_large) {
    writer_.drop("too_large");
  } else if (is_encoded((*answer)->headers())) {
    writer_.drop("encoded");
  } else {
    writer_.write(std::move(cassette));
  }
}

Task<bool> Recorder::relay(net::ClientResponse& answer, net::Responder& responder, data::Cassette& cassette,
                           bool& too_large) {
  const Monotonic began_at = clock_.monotonic();
  data::CassetteResponse& kept = cassette.response;
  kept.status = answer.status();
  kept.headers = end_to_end(answer.headers());
  kept.is_stream = answer.headers().get("content-type").starts_with("text/event-stream");
  net::ResponseHead head{.status = kept.status, .headers = kept.headers};
  const auto length = parse_int(answer.headers().get("content-length")).value_or(-1);
  auto done = co_await responder.start(std::move(head), length);
  while (done) {
    auto piece = co_await answer.read();
    if (!piece) {
      if (piece.error().code == Code::cancelled) co_return false;
      kept.cut = true;
      responder.abort();
      co_return false;
    }
    if (piece->empty()) {
      done = co_await responder.finish();
      co_return done.has_value();
    }
    too_large = too_large ||
                cassette.request.body.size() + kept.body.size() + piece->size() > config_.exchange_size_max;
    if (!too_large) {
      kept.body += *piece;
      kept.chunks.push_back({.at = clock_.monotonic() - began_at, .size = piece->size()});
    }
    done = co_await responder.write(*piece);
  }
  co_return false;
}

}  // namespace weir::ops::record
