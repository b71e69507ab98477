#include "edge/api/object_owners.h"

#include "base/json_edit.h"
#include "edge/api/provider_call.h"

namespace weir::edge {
namespace {

// In the provider's words, so that nobody can tell another's from none.
std::unexpected<Error> no_such(data::ObjectKind kind, const std::string& id) {
  return fail(Code::not_found,
              (kind == data::ObjectKind::file ? "File not found: " : "Message batch not found: ") + id);
}

}  // namespace

bool owners_apply(const Exchange& exchange) {
  return exchange.principal.key_id != "anonymous";
}

data::ObjectOwner owner_of(const Exchange& exchange) {
  return {.tenant = exchange.principal.tenant, .key_id = exchange.principal.key_id};
}

Task<Result<std::string>> provider_of(const Exchange& exchange, const Api& api, data::ObjectKind kind,
                                      std::string id) {
  auto object = co_await api.objects.find(kind, id);
  if (!object) co_return fail(object);
  const bool own = *object && (*object)->owner == owner_of(exchange);
  if (owners_apply(exchange) && !own) co_return no_such(kind, id);
  co_return *object ? std::move((*object)->provider) : std::string();
}

Task<Result<>> check_files(const Exchange& exchange, const Api& api, std::vector<std::string> ids) {
  if (ids.empty() || !owners_apply(exchange)) co_return Result<>();
  data::ObjectOwner owner = owner_of(exchange);
  std::vector<std::string> asked = ids;
  auto owned = co_await api.objects.owned_of(std::move(owner), data::ObjectKind::file, std::move(asked));
  if (!owned) co_return fail(owned);
  // Both are in the same order.
  const auto [missing, rest] = std::ranges::mismatch(ids, *owned);
  if (missing != ids.end()) co_return no_such(data::ObjectKind::file, *missing);
  co_return Result<>();
}

Task<Result<>> note_owner(const Exchange& exchange, const Api& api, data::ObjectKind kind, std::string id,
                          std::string provider) {
  data::ProviderObject object;
  object.kind = kind;
  object.id = std::move(id);
  object.provider = std::move(provider);
  object.owner = owner_of(exchange);
  object.created_at = api.clock.wall();
  co_return co_await api.objects.add(std::move(object));
}

Task<Result<CreatedObject>> create_object(Exchange& exchange, const Api& api, data::ObjectKind kind,
                                          net::BodyReader& body) {
  model::UpstreamCall call = provider_call(exchange, "");
  if (exchange.request.has_body) {
    call.upload = &body;
    call.upload_size = exchange.request.content_length;
  }
  auto reply = co_await api.gateway.open(std::move(call));
  if (!reply) co_return fail(reply);
  CreatedObject created{.reply = *std::move(reply), .object = {}};
  if (created.reply->status() >= 300) co_return std::move(created);
  auto object = co_await read_answer(*created.reply, kObjectSizeMax);
  if (!object) co_return fail(object);
  auto id = id_of(*object);
  if (!id) co_return fail(id);
  std::string provider(created.reply->provider());
  auto noted = co_await note_owner(exchange, api, kind, *std::move(id), std::move(provider));
  if (!noted) co_return fail(noted);
  created.object = *std::move(object);
  co_return std::move(created);
}

Result<std::string> id_of(std::string_view object) {
  auto members = JsonEdit::read(object);
  if (members) {
    const JsonMember* const id = members->find("id");
    auto text = id != nullptr ? json_string(id->value) : std::nullopt;
    if (text && !text->empty()) return *std::move(text);
  }
  return fail(Code::upstream_failed, "the provider's answer has no id");
}

}  // namespace weir::edge
