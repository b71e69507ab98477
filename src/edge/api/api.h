// edge/api/api.h: what the handlers stand on.
#pragma once

#include "app/chat/chat.h"
#include "app/documents/ingestions.h"
#include "app/documents/library.h"
#include "app/documents/url_fetcher.h"
#include "base/clock.h"
#include "edge/api/request_readers.h"
#include "edge/api/resumable_streams.h"
#include "edge/edge.h"
#include "edge/exchange.h"
#include "edge/outlet.h"
#include "edge/routes.h"
#include "model/gateway.h"
#include "model/prices.h"
#include "observe/health.h"
#include "observe/metrics.h"

namespace weir::edge {

// Every member outlives every request.
struct Api {
  const EdgeConfig& config;
  app::Chat& chat;
  app::Library& library;
  model::Gateway& gateway;
  const model::Prices& prices;
  RequestReaders& request_readers;
  ResumableStreams& streams;
  data::Traces& traces;
  data::ProviderObjects& objects;
  const Clock& clock;
  observe::Metrics& metrics;
  observe::Health& health;
  app::UrlFetcher* urls = nullptr;        // null: documents are not taken from the web
  app::Ingestions* ingestions = nullptr;  // null: who sends a document waits until it is read
};

// For which ledger rows and logs a call is made.
// Its summary becomes the exchange's, for the head of the answer.
inline model::Attribution attribution_of(Exchange& exchange) {
  model::Attribution who;
  who.request_id = exchange.id;
  who.tenant = exchange.principal.tenant.value();
  who.key_id = exchange.principal.key_id;
  who.route = std::string(exchange.route->method) + " " + std::string(exchange.route->pattern);
  who.arrived_at = exchange.arrived;
  if (exchange.call == nullptr) exchange.call = std::make_shared<model::CallSummary>();
  who.summary = exchange.call;
  return who;
}

}  // namespace weir::edge
