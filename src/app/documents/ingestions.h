// app/documents/ingestions.h: documents that are read while their sender does something else, and how far
// each is. In memory: what a restart interrupts was not acknowledged, and is sent again.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "app/documents/library.h"
#include "observe/log.h"

namespace weir::app {

enum class IngestionStatus : std::uint8_t { processing, ready, failed };
std::string_view to_string(IngestionStatus status);

struct IngestionsConfig {
  std::size_t processing_max = 256;  // their bytes are in memory
  std::size_t finished_max = 4'096;  // remembered; the oldest go first
};

struct Ingestion {
  IngestionStatus status = IngestionStatus::processing;
  std::string source;
  WallTime begun_at{}, ended_at{};
  std::string document_id;      // when ready: another than the ingestion's where the source was known already
  std::optional<Error> reason;  // when failed
};

// Any loop may call. Outlives the loops' tasks.
class Ingestions {
 public:
  Ingestions(IngestionsConfig config, Library& library, const Clock& clock, Random& random, observe::Log& log)
      : config_(config), library_(library), clock_(clock), random_(random), log_(log) {}

  // Begins on the calling loop, and gives the id under which the document will stand if it is a new one.
  // overloaded when processing_max are being read.
  Task<Result<std::string>> begin(data::TenantId tenant, DocumentInput input);
  // nullopt: there is none of this tenant, or it is forgotten.
  std::optional<Ingestion> find(const data::TenantId& tenant, const std::string& id) const;
  // The same once it is no longer processing, or after `limit`.
  Task<std::optional<Ingestion>> wait(data::TenantId tenant, std::string id,
                                      std::chrono::nanoseconds limit) const;

 private:
  using Key = std::pair<std::string, std::string>;  // tenant, id
  Task<> run(Key key, data::TenantId tenant, std::shared_ptr<DocumentInput> input);
  void finish(const Key& key, Result<Added> added);

  const IngestionsConfig config_;
  Library& library_;
  const Clock& clock_;
  Random& random_;
  observe::Log& log_;
  mutable std::mutex mutex_;
  std::map<Key, Ingestion> ingestions_;
  std::deque<Key> finished_;
  std::size_t processing_ = 0;
};

}  // namespace weir::app
