// main/cli/workspace.h: the data directory, opened for a command that works on it without a server.
// A server may run on the same directory meanwhile: SQLite's write-ahead log lets both.
#pragma once

#include <memory>

#include "app/documents/confined/confined_reader.h"
#include "app/documents/library.h"
#include "app/documents/url_fetcher.h"
#include "base/clock.h"
#include "base/random.h"
#include "data/keys.h"
#include "data/sqlite/database.h"
#include "data/sqlite/documents.h"
#include "data/sqlite/keys.h"
#include "main/config/config.h"
#include "net/client.h"
#include "net/worker_pool.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::main {

class Workspace {
 public:
  static Result<std::unique_ptr<Workspace>> open(const Config& config);

  app::Library& library() { return library_; }
  app::UrlFetcher& urls() { return urls_; }
  data::Keys& keys() { return *keys_; }
  const Clock& clock() const { return clock_; }

 private:
  Workspace(const Config& config, std::unique_ptr<data::Database> database);

  SystemClock clock_;
  SystemRandom random_;
  observe::Log log_;
  observe::Metrics metrics_;
  std::unique_ptr<data::Database> database_;
  std::unique_ptr<data::SqliteKeys> keys_;
  data::SqliteDocuments documents_;
  net::WorkerPool parsers_;
  std::unique_ptr<net::HttpClient> web_;
  app::UrlFetcher urls_;
  app::ConfinedReader reader_;
  app::Library library_;
};

}  // namespace weir::main
