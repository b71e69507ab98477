#include "data/sqlite/keys.h"

#include <algorithm>

#include "base/text.h"
#include "data/key_token.h"

namespace weir::data {
namespace {

// Scopes are kept as words separated by spaces, as OAuth writes them (RFC 6749 §3.3).
std::string join_scopes(const std::vector<std::string>& scopes) {
  std::string joined;
  for (const std::string& scope : scopes) joined += (joined.empty() ? "" : " ") + scope;
  return joined;
}

std::vector<std::string> split_scopes(std::string_view joined) {
  std::vector<std::string> scopes;
  if (joined.empty()) return scopes;
  for (const std::string_view scope : split(joined, ' ')) scopes.emplace_back(scope);
  return scopes;
}

Result<> check_scopes(const std::vector<std::string>& scopes) {
  for (const std::string& scope : scopes) {
    if (std::ranges::find(kKeyScopes, scope) != kKeyScopes.end()) continue;
    return fail(Code::invalid_request, "there is no scope \"" + scope + "\"",
                "use chat, documents, models, metrics or admin");
  }
  return {};
}

ApiKey read_key(const Statement& row) {
  ApiKey key;
  key.id = row.text(0);
  key.name = row.text(1);
  key.tenant = TenantId(row.text(2));
  key.scopes = split_scopes(row.text(3));
  key.secret_sha256 = row.text(4);
  key.previous_secret_sha256 = row.text(5);
  key.previous_valid_until = WallTime(row.integer(6));
  key.created_at = WallTime(row.integer(7));
  key.expires_at = WallTime(row.integer(8));
  key.revoked_at = WallTime(row.integer(9));
  return key;
}

Result<std::vector<ApiKey>> select_keys(Connection& connection) {
  auto select = connection.prepare(
      "SELECT id, name, tenant, scopes, secret_sha256, previous_secret_sha256, previous_valid_until,"
      " created_at, expires_at, revoked_at FROM api_keys ORDER BY created_at, rowid");
  if (!select) return fail(select);
  std::vector<ApiKey> keys;
  while (true) {
    auto row = select->step();
    if (!row) return fail(row);
    if (!*row) return keys;
    keys.push_back(read_key(*select));
  }
}

Result<> insert_key(Connection& connection, const ApiKey& key) {
  auto insert = connection.prepare(
      "INSERT INTO api_keys (id, name, tenant, scopes, secret_sha256, previous_secret_sha256,"
      " previous_valid_until, created_at, expires_at, revoked_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, '', 0, ?6, ?7, 0)");
  if (!insert) return fail(insert);
  insert->bind(key.id, key.name, key.tenant.value(), join_scopes(key.scopes), key.secret_sha256,
               key.created_at.count(), key.expires_at.count());
  return insert->run();
}

// The revocation time of a key; not_found.
Result<WallTime> select_revoked_at(Connection& connection, std::string_view id) {
  auto select = connection.prepare("SELECT revoked_at FROM api_keys WHERE id = ?1");
  if (!select) return fail(select);
  select->bind(id);
  auto row = select->step();
  if (!row) return fail(row);
  if (!*row)
    return fail(Code::not_found, "there is no key " + std::string(id), "`weir keys list` shows them");
  return WallTime(select->integer(0));
}

}  // namespace

SqliteKeys::SqliteKeys(SqliteKeysConfig config, Database& database, const Clock& clock, Random& random)
    : config_(std::move(config)), database_(database), clock_(clock), random_(random) {}

Result<std::unique_ptr<SqliteKeys>> SqliteKeys::open(SqliteKeysConfig config, Database& database,
                                                     const Clock& clock, Random& random) {
  std::unique_ptr<SqliteKeys> keys(new SqliteKeys(std::move(config), database, clock, random));
  // The version first: what changes between the two reads is then seen by the next refresh.
  auto version = database.data_version();
  if (!version) return fail(version);
  keys->seen_version_ = *version;
  auto loaded = keys->load();
  if (!loaded) return fail(loaded);
  return keys;
}

std::optional<Principal> SqliteKeys::verify(std::string_view token) const {
  return snapshot()->verify(token, clock_.wall());
}

bool SqliteKeys::any() const {
  return snapshot()->any();
}

Result<Secret> SqliteKeys::create(std::string name, TenantId tenant, std::vector<std::string> scopes,
                                  WallTime expires_at) {
  auto checked = check_scopes(scopes);
  if (!checked) return fail(checked);
  const WallTime now = clock_.wall();
  if (expires_at != WallTime{} && expires_at <= now) {
    return fail(Code::invalid_request, "the key would be expired already", "choose a later expiry");
  }
  const Secret secret = new_key_secret(random_);
  ApiKey key;
  key.id = new_key_id(random_);
  key.name = std::move(name);
  key.tenant = std::move(tenant);
  key.scopes = std::move(scopes);
  key.secret_sha256 = hash_key_secret(secret.reveal());
  key.created_at = now;
  key.expires_at = expires_at;
  auto written = database_.write([&](Connection& connection) { return insert_key(connection, key); });
  if (!written) return fail(written);
  auto loaded = load();
  if (!loaded) return fail(loaded);
  return make_key_token(config_.environment, key.id, secret);
}

Result<std::vector<ApiKey>> SqliteKeys::list() {
  return database_.read(select_keys);
}

Result<> SqliteKeys::revoke(std::string_view id) {
  auto written = database_.write([&](Connection& connection) -> Result<> {
    auto revoked_at = select_revoked_at(connection, id);
    if (!revoked_at) return fail(revoked_at);
    auto update = connection.prepare("UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at = 0");
    if (!update) return fail(update);
    update->bind(id, clock_.wall().count());
    return update->run();
  });
  if (!written) return written;
  return load();
}

Result<Secret> SqliteKeys::rotate(std::string_view id, std::chrono::seconds overlap) {
  const Secret secret = new_key_secret(random_);
  auto written = database_.write([&](Connection& connection) -> Result<> {
    auto revoked_at = select_revoked_at(connection, id);
    if (!revoked_at) return fail(revoked_at);
    if (*revoked_at != WallTime{}) {
      return fail(Code::conflict, "key " + std::string(id) + " is revoked", "create a new key");
    }
    auto update = connection.prepare(
        "UPDATE api_keys SET previous_secret_sha256 = secret_sha256, previous_valid_until = ?2,"
        " secret_sha256 = ?3 WHERE id = ?1");
    if (!update) return fail(update);
    update->bind(id, (clock_.wall() + overlap).count(), hash_key_secret(secret.reveal()));
    return update->run();
  });
  if (!written) return fail(written);
  auto loaded = load();
  if (!loaded) return fail(loaded);
  return make_key_token(config_.environment, id, secret);
}

Result<bool> SqliteKeys::refresh_if_changed() {
  auto version = database_.data_version();
  if (!version) return fail(version);
  {
    const std::lock_guard lock(load_mutex_);
    if (*version == seen_version_) return false;
  }
  auto loaded = load();
  if (!loaded) return fail(loaded);  // and the next call tries again
  const std::lock_guard lock(load_mutex_);
  seen_version_ = *version;
  return true;
}

Result<> SqliteKeys::load() {
  const std::lock_guard lock(load_mutex_);
  auto keys = database_.read(select_keys);
  if (!keys) return fail(keys);
  auto fresh = std::make_shared<const KeySnapshot>(*std::move(keys), clock_.wall());
  const std::lock_guard swap_lock(snapshot_mutex_);
  snapshot_ = std::move(fresh);
  return {};
}

std::shared_ptr<const KeySnapshot> SqliteKeys::snapshot() const {
  const std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

}  // namespace weir::data
