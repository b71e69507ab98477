// data/sqlite/vector_memory.h: the vectors of the database in memory, where they are searched. SQLite is the
// truth: this is read from it at the start and follows its log of changes, whichever process made them.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "data/scan/index.h"
#include "data/sqlite/database.h"
#include "data/sqlite/vector_rows.h"

namespace weir::data {

// Any thread may call. Blocking.
class VectorMemory {
 public:
  explicit VectorMemory(Database& database) : database_(database) {}

  // Takes over what has been committed since the last call; the first reads everything. Whoever calls
  // this before it searches sees all that was acknowledged before.
  Result<> catch_up();
  // Of what was caught up with. `query` is checked.
  std::vector<VectorHit> search(const TenantId& tenant, const VectorQuery& query) const;

  std::size_t size() const;        // vectors
  std::size_t size_bytes() const;  // of memory

 private:
  struct Place {
    std::int64_t space;
    TenantId tenant;
    std::string collection;
    VectorLevel level;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct NameOrder {
    bool operator()(const DocumentName& a, const DocumentName& b) const;
  };
  using Indexes = std::map<Place, std::shared_ptr<ScanIndex>>;

  Result<> read_changes(Connection& connection);
  Result<> read_everything(Connection& connection);
  Result<> read_known_spaces(Connection& connection);
  void put(const DocumentRow& document, std::vector<ScanIndex*>& touched);
  void remove(const DocumentName& name, std::vector<ScanIndex*>& touched);
  ScanIndex& index_at(const Place& place, std::uint32_t dimensions);

  Database& database_;
  std::mutex changing_;               // one catches up at a time; over `seen_` and `homes_`
  std::optional<std::int64_t> seen_;  // the last change taken over
  std::map<DocumentName, std::vector<ScanIndex*>, NameOrder> homes_;  // the indexes that hold a document
  mutable std::shared_mutex mutex_;  // over those below; never held while an index is searched
  Indexes indexes_;
  std::vector<std::pair<std::int64_t, VectorSpace>> spaces_;
};

}  // namespace weir::data
