// main/app.h: the composition root, the only place that knows concrete types. Reading App is reading
// the architecture: members stand in the order in which they are built, each upon those above it.
#pragma once

#include <memory>

#include "app/chat/chat.h"
#include "app/chat/model_port.h"
#include "app/documents/confined/confined_reader.h"
#include "app/documents/ingestions.h"
#include "app/documents/library.h"
#include "app/requests/trace_keeper.h"
#include "app/retrieval/text_retriever.h"
#include "app/usage/recorder.h"
#include "base/clock.h"
#include "base/random.h"
#include "data/cassettes/writer.h"
#include "data/memory/limits.h"
#include "data/memory/streams.h"
#include "data/memory/traces.h"
#include "data/sqlite/database.h"
#include "data/sqlite/documents.h"
#include "data/sqlite/keys.h"
#include "data/sqlite/ledger.h"
#include "data/sqlite/provider_objects.h"
#include "edge/edge.h"
#include "main/config/config.h"
#include "model/embedders/embedder.h"
#include "model/gateway.h"
#include "model/prices.h"
#include "net/client.h"
#include "net/loops.h"
#include "net/server.h"
#include "net/worker_pool.h"
#include "observe/health.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::main {

// A Weir that serves. Build it on the main thread, which then waits for signals.
class App {
 public:
  // Opens the data directory. Errors are fit for the operator.
  static Result<std::unique_ptr<App>> build(Config config);
  ~App();

  Result<> start();                                      // listens
  std::uint16_t port() const { return server_.port(); }  // after start
  // Returns after SIGTERM or SIGINT and the drain that follows; a second signal cuts the drain short.
  // SIGHUP reads the certificate again. The number of requests that were cut.
  std::size_t run_until_signal();

 private:
  struct Opened;  // what can fail to open, and does so before anything is built upon it
  App(Config config, std::unique_ptr<Opened> opened);
  void open_embedder();
  void every_second();

  const Config config_;
  const std::unique_ptr<Opened> opened_;  // clock, random, log, database, keys
  Clock& clock_;
  Random& random_;
  observe::Log& log_;
  observe::Metrics metrics_;
  observe::Health health_;
  std::unique_ptr<data::CassetteWriter> cassettes_;  // null: nothing is recorded

  // Before everything that posts results to a loop: ~App stops and empties the loops, and they are destroyed
  // last.
  net::Loops loops_;
  net::WorkerPool workers_;  // name look-ups
  net::WorkerPool parsers_;  // each thread waits for one process that reads a document

  data::Database& database_;
  data::SqliteKeys& keys_;
  data::SqliteDocuments documents_;
  data::SqliteLedger ledger_;
  data::MemoryLimits limits_;
  data::MemoryStreams streams_;
  data::MemoryTraces traces_;
  data::SqliteProviderObjects objects_;

  net::Client client_;

  model::Prices prices_;
  app::UsageRecorder usage_;
  app::TraceKeeper trace_keeper_;
  model::Gateway gateway_;

  // Without a model none of these is there, and search is by keywords alone.
  std::unique_ptr<net::WorkerPool> query_embedders_, document_embedders_;
  std::unique_ptr<model::Embedder> embedder_;

  std::unique_ptr<net::HttpClient> web_;  // refuses addresses that are not public
  app::UrlFetcher urls_;
  app::ConfinedReader reader_;
  app::Library library_;
  app::Ingestions ingestions_;
  app::TextRetriever retriever_;
  app::GatewayPort model_port_;
  app::Chat chat_;

  edge::Edge edge_;
  net::Server server_;
  bool database_answers_ = true;  // at the last look
};

// `weir serve`: builds, serves until a signal, and gives the exit code.
int run_server(const Config& config);

}  // namespace weir::main
