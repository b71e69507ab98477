// The schema of weir.db. Times are nanoseconds since 1970, money is nano-dollars.
#include <array>

#include "data/sqlite/migrations.h"

namespace weir::data {
namespace {

// chunk_index holds the words only (external content): the triggers keep it equal to chunks, whatever
// statement changes them. `scope` is one word that stands for the tenant, so that a search reads the
// postings of its tenant alone; `identifiers` are the parts of camelCase names in the text.
constexpr std::string_view kDocuments = R"sql(
CREATE TABLE documents (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  source TEXT NOT NULL,
  media_type TEXT NOT NULL,
  metadata_json TEXT NOT NULL,
  content_sha256 TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  chunk_count INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX documents_by_time ON documents (tenant, created_at DESC, id DESC);
CREATE INDEX documents_by_hash ON documents (tenant, content_sha256);
CREATE INDEX documents_by_source ON documents (tenant, source);

CREATE TABLE chunks (
  number INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  document_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  begin_byte INTEGER NOT NULL,
  end_byte INTEGER NOT NULL,
  scope TEXT NOT NULL,
  title TEXT NOT NULL,
  heading TEXT NOT NULL,
  text TEXT NOT NULL,
  identifiers TEXT NOT NULL,
  UNIQUE (tenant, document_id, ordinal),
  FOREIGN KEY (tenant, document_id) REFERENCES documents (tenant, id)
) STRICT;

CREATE VIRTUAL TABLE chunk_index USING fts5 (
  scope, title, heading, text, identifiers,
  content = 'chunks', content_rowid = 'number',
  tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER chunks_inserted AFTER INSERT ON chunks BEGIN
  INSERT INTO chunk_index (rowid, scope, title, heading, text, identifiers)
  VALUES (new.number, new.scope, new.title, new.heading, new.text, new.identifiers);
END;
CREATE TRIGGER chunks_deleted AFTER DELETE ON chunks BEGIN
  INSERT INTO chunk_index (chunk_index, rowid, scope, title, heading, text, identifiers)
  VALUES ('delete', old.number, old.scope, old.title, old.heading, old.text, old.identifiers);
END;
CREATE TRIGGER chunks_updated AFTER UPDATE ON chunks BEGIN
  INSERT INTO chunk_index (chunk_index, rowid, scope, title, heading, text, identifiers)
  VALUES ('delete', old.number, old.scope, old.title, old.heading, old.text, old.identifiers);
  INSERT INTO chunk_index (rowid, scope, title, heading, text, identifiers)
  VALUES (new.number, new.scope, new.title, new.heading, new.text, new.identifiers);
END;
)sql";

// Keys are addressed by their id alone, because the id is what tells the tenant. Zero means "not set"
// in the times, as in ApiKey.
constexpr std::string_view kKeys = R"sql(
CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  tenant TEXT NOT NULL,
  scopes TEXT NOT NULL,
  secret_sha256 TEXT NOT NULL,
  previous_secret_sha256 TEXT NOT NULL,
  previous_valid_until INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL
) STRICT;
)sql";

// Rows lie in the order of their time, in which they are written and read: the table is its own index.
constexpr std::string_view kLedger = R"sql(
CREATE TABLE ledger (
  request_id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  key_id TEXT NOT NULL,
  route TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  cache_write_5m_tokens INTEGER NOT NULL,
  cache_write_1h_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  web_search_requests INTEGER NOT NULL,
  usage_estimated INTEGER NOT NULL,
  cost_nanos INTEGER NOT NULL,
  price_model TEXT NOT NULL,
  status INTEGER NOT NULL,
  error_type TEXT NOT NULL,
  streamed INTEGER NOT NULL,
  first_token_us INTEGER NOT NULL,
  duration_us INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  upstream_request_id TEXT NOT NULL,
  PRIMARY KEY (at, request_id)
) STRICT, WITHOUT ROWID;
)sql";

// Whose the files and batches at the providers are. A look-up by id for every call that names one; the index
// counts a key's.
constexpr std::string_view kProviderObjects = R"sql(
CREATE TABLE provider_objects (
  kind INTEGER NOT NULL,
  id TEXT NOT NULL,
  provider TEXT NOT NULL,
  tenant TEXT NOT NULL,
  key_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_objects_by_owner ON provider_objects (tenant, key_id, kind);
)sql";

// Request ids sort by time (base/ids.h), so that they alone keep the rows in order: one tree to write instead
// of two.
constexpr std::string_view kLedgerByRequest = R"sql(
CREATE TABLE ledger_by_request (
  request_id TEXT NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  key_id TEXT NOT NULL,
  route TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  cache_write_5m_tokens INTEGER NOT NULL,
  cache_write_1h_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  web_search_requests INTEGER NOT NULL,
  usage_estimated INTEGER NOT NULL,
  cost_nanos INTEGER NOT NULL,
  price_model TEXT NOT NULL,
  status INTEGER NOT NULL,
  error_type TEXT NOT NULL,
  streamed INTEGER NOT NULL,
  first_token_us INTEGER NOT NULL,
  duration_us INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  upstream_request_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO ledger_by_request SELECT * FROM ledger;
DROP TABLE ledger;
ALTER TABLE ledger_by_request RENAME TO ledger;
)sql";

// A document's vectors in one space are all there, and then document_spaces says so, or none is. They go
// with its passages, whatever statement takes those away. `level` is a data::VectorLevel, `position` counts
// the sentences of a passage; `halves` are the vector in IEEE 754 binary16, little-endian. document_changes
// tells every process what has changed since it looked last: see data/sqlite/change_log.h.
constexpr std::string_view kVectors = R"sql(
ALTER TABLE documents ADD COLUMN collection TEXT NOT NULL DEFAULT 'default';

CREATE TABLE vector_spaces (
  number INTEGER PRIMARY KEY,
  model TEXT NOT NULL,
  revision TEXT NOT NULL,
  dimensions INTEGER NOT NULL,
  serving INTEGER NOT NULL DEFAULT 0,
  UNIQUE (model, revision, dimensions)
) STRICT;

CREATE TABLE chunk_vectors (
  number INTEGER PRIMARY KEY,
  chunk INTEGER NOT NULL REFERENCES chunks (number),
  space INTEGER NOT NULL REFERENCES vector_spaces (number),
  level INTEGER NOT NULL,
  position INTEGER NOT NULL,
  halves BLOB NOT NULL,
  UNIQUE (chunk, space, level, position)
) STRICT;

CREATE TABLE document_spaces (
  tenant TEXT NOT NULL,
  document_id TEXT NOT NULL,
  space INTEGER NOT NULL REFERENCES vector_spaces (number),
  PRIMARY KEY (tenant, document_id, space),
  FOREIGN KEY (tenant, document_id) REFERENCES documents (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER chunks_deleted_with_vectors BEFORE DELETE ON chunks BEGIN
  DELETE FROM chunk_vectors WHERE chunk = old.number;
END;
CREATE TRIGGER documents_deleted_with_spaces BEFORE DELETE ON documents BEGIN
  DELETE FROM document_spaces WHERE tenant = old.tenant AND document_id = old.id;
END;

CREATE TABLE document_changes (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  document_id TEXT NOT NULL
) STRICT;
)sql";

constexpr std::array kMigrations = {
    Migration{"documents", kDocuments},
    Migration{"keys", kKeys},
    Migration{"ledger", kLedger},
    Migration{"provider objects", kProviderObjects},
    Migration{"ledger by request", kLedgerByRequest},
    Migration{"vectors", kVectors},
};

}  // namespace

std::span<const Migration> schema_migrations() {
  return kMigrations;
}

}  // namespace weir::data
