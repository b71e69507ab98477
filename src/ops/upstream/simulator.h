// ops/upstream/simulator.h: `weir upstream`, the simulated provider: the Messages API from recorded or
// scripted exchanges, with chosen delays and faults.
//
//   POST /v1/messages               JSON, or server-sent events with "stream": true
//   POST /v1/messages/count_tokens
//   GET  /v1/models, /v1/models/{id}
//   /v1/files, /v1/messages/batches: objects_api.h
//   POST /v1/chat/completions       OpenAI's, in the same two ways
//   GET  /healthz, /__stats         neither needs a key
//   PUT  /__faults                  what goes wrong from now on with requests that do not say it
//   and the clouds' forms of the first two (clouds.h)
//
// Request headers that steer it (a gateway in between forwards what it does not know):
//
//   x-weir-recording: FILE   answers with this recorded exchange: status, headers, body, byte for byte
//   x-weir-fault: NAME[=VALUE], …
//     429, 500, 529[=SECONDS]  that error, with retry-after: SECONDS
//     status=N                 any other error status
//     retry_after=SECONDS      the header, on whatever is answered
//     first_delay_ms=N         waits before the answer
//     event_delay_ms=N         waits before each event of a stream
//     events=N                 exactly N words of text, one event each (scripted answers)
//     byte_delay_ms=N          sends one byte at a time, and waits after each
//     padding_mib=N            N MiB of white space within a document; N events of one MiB in a stream
//     stall_first              never answers
//     stall_start              begins to answer, and stops before the first event or field
//     stall                    stops in the middle of the body and keeps the connection open
//     cut                      closes the connection in the middle of the body
//     error_first              a stream whose first and only event is `error`; a document that is one
//     error_midway             an `error` in the middle, and nothing after it
//     malformed_sse            an event in the middle of a stream has broken JSON; so has a document
//     wrong_content_type       text/html
//     times=N                  all this only for the first N requests with the same x-weir-fault-id
//     percent=N                all this only for so many of the requests, by chance
//
// Without x-weir-recording a recording is used whose model and last user text are the request's; else
// the answer is scripted (script.h).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "net/http.h"
#include "ops/upstream/clouds.h"
#include "ops/upstream/faults.h"
#include "ops/upstream/objects_api.h"
#include "ops/upstream/paced_responder.h"
#include "ops/upstream/recordings.h"
#include "ops/upstream/wire.h"

namespace weir::ops::upstream {

struct SimulatorConfig {
  std::string recordings_directory;  // empty: scripted answers only
  std::string api_key;               // empty: any key will do, but there must be one
  std::string faults;                // for requests without x-weir-fault; the same grammar
  bool permissive = false;  // models, files and batches that do not exist are answered as though they did
  std::size_t body_size_max = 32 * 1024 * 1024;
  std::chrono::seconds stall_max{600};  // then a stalled connection is closed
  CloudConfig cloud;
};

// Safe to call from every loop. Outlives the server that uses its handler.
class Simulator {
 public:
  Simulator(SimulatorConfig config, const Clock& clock, Random& random);

  // Reads the recordings and checks the faults; before the first request.
  Result<> load();
  net::Handler handler();
  // What /__stats tells as "connections", which only the server knows.
  void count_connections_with(std::function<std::size_t()> count) { connections_ = std::move(count); }

  struct Stats {
    std::atomic<std::int64_t> requests{0};
    std::atomic<std::int64_t> open_streams{0};
    std::atomic<std::int64_t> aborted{0};    // the client went away, or a fault ended the answer
    std::atomic<std::int64_t> completed{0};  // answers that were sent to their end
  };
  const Stats& stats() const { return stats_; }

 private:
  Task<> serve(net::Request& request, net::Responder& responder);
  Task<> answer(net::Request& request, net::Responder& responder, PacedResponder& pace);
  Task<> answer_operator(net::Request& request, net::Responder& responder);
  Task<> answer_objects(net::Request& request, net::Responder& responder);
  Task<> answer_messages(net::Request& request, std::string text, net::Responder& responder, Faults faults);
  Task<> replay(const Recording& recording, net::Responder& responder, Faults faults, const Wire& wire);
  // ---- sending (simulator_send.cpp)
  Task<> send_whole(net::Response response, net::Responder& responder, Faults faults, const Wire& wire);
  Task<> send_stream(net::ResponseHead head, std::vector<std::string> events, net::Responder& responder,
                     Faults faults, const Wire& wire);
  Task<> send_error(int status, std::string message, net::Responder& responder, const Wire& wire);
  Task<> send_faulty_status(net::Responder& responder, Faults faults, const Wire& wire);
  Task<> stall(net::Responder& responder);

  Result<Faults> faults_of(const net::Request& request);
  bool serves_model(std::string_view model) const;
  bool has_key(const net::Request& request) const;
  net::Headers usual_headers(std::string_view content_type);
  std::string new_api_id(std::string_view prefix);
  std::string stats_json() const;

  const SimulatorConfig config_;
  const Clock& clock_;
  Random& random_;
  std::mutex faults_mutex_;
  std::string usual_faults_;  // guarded by faults_mutex_
  Recordings recordings_;
  FaultCounts fault_counts_;
  Clouds clouds_;
  ObjectsApi objects_;
  Stats stats_;
  std::function<std::size_t()> connections_;
};

}  // namespace weir::ops::upstream
