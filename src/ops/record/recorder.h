// ops/record/recorder.h: `weir record`: a proxy in front of a provider that keeps chosen exchanges as
// cassettes. What passes is untouched, but for its encoding: answers are asked for uncompressed, because
// what is compressed can neither be read nor searched for secrets.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "data/cassettes/writer.h"
#include "net/http.h"
#include "net/http_client.h"

namespace weir::ops::record {

struct RecorderConfig {
  net::Origin upstream;
  std::vector<std::string> paths;   // globs; empty: any
  std::vector<std::string> models;  // globs over the body's "model"; empty: any, and bodies without one
  double sample = 1.0;              // the share of what is chosen by the above
  std::size_t exchange_size_max = 32 * 1024 * 1024;  // request and answer; larger ones pass and are not kept
  std::size_t body_size_max = 64 * 1024 * 1024;      // of a request
};

// Safe to call from every loop. Outlives the server that uses its handler.
class Recorder {
 public:
  Recorder(RecorderConfig config, net::HttpClient& client, data::CassetteWriter& writer, const Clock& clock,
           Random& random);
  net::Handler handler();

 private:
  Task<> pass(net::Request& request, net::Responder& responder);
  bool chooses(const net::Request& request, std::string_view body);
  // Hands the answer on and notes it down. False: the client is gone, or the provider broke off.
  Task<bool> relay(net::ClientResponse& answer, net::Responder& responder, data::Cassette& cassette,
                   bool& too_large);

  const RecorderConfig config_;
  net::HttpClient& client_;
  data::CassetteWriter& writer_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace weir::ops::record
