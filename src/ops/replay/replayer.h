// ops/replay/replayer.h: `weir upstream --replay`: answers with cassettes, in their own pieces.
//
// Cassettes of equal requests are answered in the order of their names, the last one again and again. A
// request may name its cassette by `x-weir-cassette: NAME`; the answer always does. One that no cassette
// fits gets 404, which names the nearest cassette and the first difference.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "data/cassettes/redaction.h"
#include "net/http.h"
#include "observe/log.h"
#include "ops/replay/match.h"

namespace weir::ops::replay {

struct ReplayerConfig {
  MatchMode match = MatchMode::strict;
  bool timings = false;             // pause as the provider did
  data::RedactionConfig redaction;  // as it was when the cassettes were recorded
  std::size_t body_size_max = 64 * 1024 * 1024;
};

// Safe to call from every loop. Outlives the server that uses its handler.
class Replayer {
 public:
  Replayer(ReplayerConfig config, std::vector<data::Cassette> cassettes, const Clock& clock,
           observe::Log& log);

  net::Handler handler();
  std::size_t size() const { return cassettes_.size(); }

 private:
  struct Entry {
    Normal normal;
    std::size_t index = 0;
  };
  Task<> answer(net::Request& request, net::Responder& responder);
  Task<> play(const data::Cassette& cassette, net::Responder& responder);
  Task<> refuse(const data::CassetteRequest& asked, net::Responder& responder) const;
  const data::Cassette* choose(const data::CassetteRequest& asked, std::string_view named);

  const ReplayerConfig config_;
  const data::Redactor redactor_;
  const std::vector<data::Cassette> cassettes_;
  const Clock& clock_;
  observe::Log& log_;
  std::vector<Normal> normals_;                                              // of cassettes_, redacted alike
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_request_;  // indexes, in order
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::mutex mutex_;
  std::map<std::string, std::size_t, std::less<>> played_;  // how often each request came; guarded by mutex_
};

}  // namespace weir::ops::replay
