// edge/edge.h: HTTP as the client sees it: the one handler that the server calls for every request.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/chat/chat.h"
#include "app/documents/ingestions.h"
#include "app/documents/library.h"
#include "app/documents/url_fetcher.h"
#include "base/clock.h"
#include "base/ip.h"
#include "base/random.h"
#include "base/secret.h"
#include "data/cassettes/writer.h"
#include "data/keys.h"
#include "data/limits.h"
#include "data/provider_objects.h"
#include "data/streams.h"
#include "data/traces.h"
#include "edge/api/resume_wish.h"
#include "edge/recording_config.h"
#include "model/gateway.h"
#include "net/http.h"
#include "observe/health.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::edge {

struct EdgeConfig {
  std::vector<std::string> allowed_origins;  // ALLOWED_ORIGINS; exact origins, no "*"
  std::vector<Secret> static_keys;           // VALID_API_KEYS
  std::vector<Secret> signing_keys;          // "ID=SECRET", of callers who sign as AWS's SDKs do
  bool keys_required = false;                // set when a key is configured or the listener is not loopback
  std::vector<Cidr> trusted_proxies;         // whose X-Forwarded-For is believed
  bool rate_limit_enabled = true;            // WEIR_RATE_LIMIT=off
  data::RateLimit rate_limit;                // per client address
  std::size_t chat_body_size_max = 256 * 1024;
  std::size_t messages_body_size_max = 32 * 1024 * 1024;  // Anthropic's own limit
  std::size_t document_body_size_max = 16 * 1024 * 1024;
  std::size_t batch_body_size_max = 256 * 1024 * 1024;  // Anthropic's own limits
  std::size_t file_body_size_max = 510 * 1024 * 1024;   // 500 MB and the form around it
  bool organization_api =
      false;  // pass on /v1/organizations/…, with which one administers the provider's account
  // Of the bodies that are in memory at once, over all requests; more are shed with 503. Those that are
  // passed on while they come do not count.
  std::size_t body_memory_max = 256 * 1024 * 1024;
  std::size_t message_chars_max = 10'000;  // code points of a chat message
  std::uint32_t in_flight_max = 4'096;     // requests being answered; more are shed with 503
  std::size_t json_depth_max = 64;
  bool hsts = true;  // Strict-Transport-Security
  ResumeConfig resume;
  RecordingConfig recording;
};

// What the edge stands on. Everything outlives it.
struct EdgeServices {
  app::Chat& chat;
  app::Library& library;
  model::Gateway& gateway;
  const data::Keys& keys;
  data::Limits& limits;
  data::Streams& streams;
  data::Traces& traces;
  data::ProviderObjects& objects;
  const Clock& clock;
  Random& random;
  observe::Log& log;
  observe::Metrics& metrics;
  observe::Health& health;
  data::CassetteWriter* cassettes = nullptr;  // null: nothing is recorded
  app::UrlFetcher* urls = nullptr;            // null: documents are not taken from the web
  app::Ingestions* ingestions = nullptr;      // null: who sends a document waits until it is read
};

class Edge {
 public:
  Edge(EdgeConfig config, EdgeServices services);
  ~Edge();
  // Copyable, for net::Server; the Edge outlives it.
  net::Handler handler();
  // Looks after the streams that outlive their connections, until its loop ends. Once, on any loop.
  Task<> tend_streams();
  // After the server's drain: lets those streams end, and aborts what is left after `patience`; how many
  // those were. Call from outside the loops.
  std::size_t drain_streams(std::chrono::nanoseconds patience);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::edge
