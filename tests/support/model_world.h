// tests/support/model_world.h: a gateway with everything around it, and answers as providers give them.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/gateway.h"
#include "model_fakes.h"

namespace weir::model::fakes {

inline const std::string kStart = R"(event: message_start
data: {"type":"message_start","message":{"model":"claude-opus-5-5","usage":{"input_tokens":10,"output_tokens":1}}}

)";
inline const std::string kDelta = R"(event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"A whole sentence of text, long enough to be worth some tokens."}}

)";
inline const std::string kEnd = R"(event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":12,"output_tokens":7}}

event: message_stop
data: {"type":"message_stop"}

)";
inline const std::string kOverloaded = R"(event: error
data: {"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"} }

)";

inline Answer stream(std::vector<std::string> pieces, Answer::End end = Answer::End::whole) {
  return {.headers = {{"content-type", "text/event-stream; charset=utf-8"}, {"request-id", "req_1"}},
          .pieces = std::move(pieces),
          .end = end};
}

inline Answer json(int status, std::string body, net::Headers extra = {}) {
  Answer answer{.status = status, .headers = std::move(extra), .pieces = {std::move(body)}};
  answer.headers.add("content-type", "application/json");
  return answer;
}

inline Answer refused() {
  return {.error = Error(Code::upstream_failed, "connection refused")};
}

struct Read {
  std::optional<Error> error;  // of open()
  int status = 0;
  int tries = 0;
  net::Headers headers;
  std::string body;
  std::optional<Error> body_error;
};

struct World {
  GatewayConfig config = quick();
  HttpClient client;
  Sink sink;
  ManualClock clock;
  SeededRandom random{1};
  NullFile null_file;
  observe::Log log{{}, clock, null_file.fd()};
  observe::Metrics metrics;
  observe::Health health{clock};
  Prices prices = Prices::builtin();
  boost::asio::io_context context{1};
  std::optional<Gateway> gateway;

  static GatewayConfig quick() {
    GatewayConfig config;
    config.anthropic.base_url = "http://127.0.0.1:9";
    config.anthropic.api_key = Secret("sk-upstream");
    config.retry.base = std::chrono::milliseconds(1);
    return config;
  }

  Gateway& start() {
    gateway.emplace(config, client, prices, sink, clock, random, log, metrics, health);
    return *gateway;
  }

  static UpstreamCall call() {
    UpstreamCall call;
    call.headers = {{"content-type", "application/json"}};
    call.body = R"({"model":"claude-opus-5-5"})";
    call.model = "claude-opus-5-5";
    call.stream = true;
    call.who.request_id = "r1";
    return call;
  }

  static Task<Read> read_whole(Gateway& gateway, UpstreamCall call) {
    Read read;
    auto reply = co_await gateway.open(std::move(call));
    if (!reply) {
      read.error = std::move(reply.error());
      co_return read;
    }
    read.status = (*reply)->status();
    read.tries = (*reply)->tries();
    read.headers = (*reply)->headers();
    while (true) {
      auto piece = co_await (*reply)->read();
      if (!piece) read.body_error = std::move(piece.error());
      if (!piece || piece->empty()) co_return read;
      read.body += *piece;
    }
  }

  Read run(UpstreamCall call = World::call()) {
    return fakes::run(context, read_whole(start(), std::move(call)));
  }

  // Cancels the call after `after`; true when it ended at once.
  bool run_cancelled(std::chrono::milliseconds after) {
    boost::asio::cancellation_signal signal;
    bool cancelled = false;
    boost::asio::co_spawn(
        context.get_executor(), read_whole(start(), call()),
        boost::asio::bind_cancellation_slot(
            signal.slot(), [&](const std::exception_ptr& e, const Read&) { cancelled = e != nullptr; }));
    context.run_for(after);
    signal.emit(boost::asio::cancellation_type::terminal);
    context.run_for(std::chrono::milliseconds(100));
    return cancelled;
  }

  observe::HealthState state() const { return health.checks().at(0).state; }
};

}  // namespace weir::model::fakes
