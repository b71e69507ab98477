#include "data/sqlite/provider_objects.h"

namespace weir::data {
namespace {

std::int64_t number_of(ObjectKind kind) {
  return static_cast<std::int64_t>(kind);
}

Result<std::optional<ProviderObject>> select_object(Connection& connection, ObjectKind kind,
                                                    const std::string& id) {
  auto select = connection.prepare(
      "SELECT provider, tenant, key_id, created_at FROM provider_objects WHERE kind = ?1 AND id = ?2");
  if (!select) return fail(select);
  select->bind(number_of(kind), id);
  auto row = select->step();
  if (!row) return fail(row);
  if (!*row) return std::nullopt;
  ProviderObject object;
  object.kind = kind;
  object.id = id;
  object.provider = select->text(0);
  object.owner = {.tenant = TenantId(select->text(1)), .key_id = select->text(2)};
  object.created_at = WallTime(select->integer(3));
  return object;
}

Result<> insert_object(Connection& connection, const ProviderObject& object) {
  auto there = select_object(connection, object.kind, object.id);
  if (!there) return fail(there);
  if (*there && (*there)->owner != object.owner) {
    return fail(Code::conflict, "this object belongs to another key");
  }
  if (*there) return {};
  auto insert = connection.prepare(
      "INSERT INTO provider_objects (kind, id, provider, tenant, key_id, created_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  if (!insert) return fail(insert);
  insert->bind(number_of(object.kind), object.id, object.provider, object.owner.tenant.value(),
               object.owner.key_id, object.created_at.count());
  return insert->run();
}

Result<std::uint64_t> count_objects(Connection& connection, const ObjectOwner& owner, ObjectKind kind) {
  auto select = connection.prepare(
      "SELECT count(*) FROM provider_objects WHERE tenant = ?1 AND key_id = ?2 AND kind = ?3");
  if (!select) return fail(select);
  select->bind(owner.tenant.value(), owner.key_id, number_of(kind));
  auto row = select->step();
  if (!row) return fail(row);
  return static_cast<std::uint64_t>(select->integer(0));
}

}  // namespace

// One thread each: whole answers of a provider wait behind them, never tokens.
SqliteProviderObjects::SqliteProviderObjects(SqliteProviderObjectsConfig config, Database& database)
    : database_(database),
      reader_("object read", 1, config.read_queue_max),
      writer_("object write", 1, config.write_queue_max) {}

void SqliteProviderObjects::stop() {
  reader_.stop();
  writer_.stop();
}

Task<Result<>> SqliteProviderObjects::add(ProviderObject object) {
  auto work = [&database = database_, object = std::move(object)] {
    return database.write([&](Connection& connection) { return insert_object(connection, object); });
  };
  co_return co_await writer_.run(std::move(work));
}

Task<Result<std::optional<ProviderObject>>> SqliteProviderObjects::find(ObjectKind kind, std::string id) {
  auto work = [&database = database_, kind, id = std::move(id)] {
    return database.read([&](Connection& connection) { return select_object(connection, kind, id); });
  };
  co_return co_await reader_.run(std::move(work));
}

Task<Result<std::vector<std::string>>> SqliteProviderObjects::owned_of(ObjectOwner owner, ObjectKind kind,
                                                                       std::vector<std::string> ids) {
  auto work = [&database = database_, owner = std::move(owner), kind, ids = std::move(ids)] {
    return database.read([&](Connection& connection) -> Result<std::vector<std::string>> {
      std::vector<std::string> owned;
      for (const std::string& id : ids) {
        auto object = select_object(connection, kind, id);
        if (!object) return fail(object);
        if (*object && (*object)->owner == owner) owned.push_back(id);
      }
      return owned;
    });
  };
  co_return co_await reader_.run(std::move(work));
}

Task<Result<std::uint64_t>> SqliteProviderObjects::count(ObjectOwner owner, ObjectKind kind) {
  auto work = [&database = database_, owner = std::move(owner), kind] {
    return database.read([&](Connection& connection) { return count_objects(connection, owner, kind); });
  };
  co_return co_await reader_.run(std::move(work));
}

Task<Result<>> SqliteProviderObjects::remove(ObjectKind kind, std::string id) {
  auto work = [&database = database_, kind, id = std::move(id)] {
    return database.write([&](Connection& connection) -> Result<> {
      auto erase = connection.prepare("DELETE FROM provider_objects WHERE kind = ?1 AND id = ?2");
      if (!erase) return fail(erase);
      erase->bind(number_of(kind), id);
      return erase->run();
    });
  };
  co_return co_await writer_.run(std::move(work));
}

}  // namespace weir::data
