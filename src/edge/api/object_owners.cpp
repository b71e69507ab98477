#include "edge/api/object_owners.h"

#include "base/json_edit.h"
#include "edge/api/provider_call.h"
#include "edge/api/relay.h"

namespace weir::edge {
namespace {

// In the provider's words, so that nobody can tell another's from none.
std::unexpected<Error> no_such(data::ObjectKind kind, const std::string& id) {
  using enum data::ObjectKind;
  switch (kind) {
    case file: return fail(Code::not_found, "File not found: " + id);
    case batch: return fail(Code::not_found, "Message batch not found: " + id);
    case openai_file: return fail(Code::not_found, "No such File object: " + id);
    case openai_batch: return fail(Code::not_found, "No batch found with id '" + id + "'.");
    case vector_store: break;
  }
  return fail(Code::not_found, "Vector store with id '" + id + "' not found.");
}

bool is_anthropic(data::ObjectKind kind) {
  return kind == data::ObjectKind::file || kind == data::ObjectKind::batch;
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

Task<Result<>> check_owned(const Exchange& exchange, const Api& api, data::ObjectKind kind,
                           std::vector<std::string> ids) {
  if (ids.empty() || !owners_apply(exchange)) co_return Result<>();
  data::ObjectOwner owner = owner_of(exchange);
  std::vector<std::string> asked = ids;
  auto owned = co_await api.objects.owned_of(std::move(owner), kind, std::move(asked));
  if (!owned) co_return fail(owned);
  // Both are in the same order.
  const auto [missing, rest] = std::ranges::mismatch(ids, *owned);
  if (missing != ids.end()) co_return no_such(kind, *missing);
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
                                          model::UpstreamCall call) {
  auto reply = co_await api.gateway.open(std::move(call));
  exchange.body_pass.release();
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

Task<Result<>> upload_object(Exchange& exchange, const Api& api, data::ObjectKind kind,
                             net::BodyReader& body) {
  model::UpstreamCall call = object_call(exchange, "", kind);
  if (exchange.request.has_body) {
    call.upload = &body;
    call.upload_size = exchange.request.content_length;
  }
  auto created = co_await create_object(exchange, api, kind, std::move(call));
  if (!created) co_return fail(created);
  if (!created->object) co_return co_await relay(exchange, *created->reply);
  co_return co_await send_answer(exchange, *created->reply, *std::move(created->object));
}

model::UpstreamCall object_call(Exchange& exchange, std::string_view provider, data::ObjectKind kind) {
  model::UpstreamCall call = provider_call(exchange, provider);
  if (!is_anthropic(kind)) call.dialect = model::Dialect::chat_completions;  // who speaks it has these too
  return call;
}

Task<Result<std::unique_ptr<model::UpstreamReply>>> ask_for_object(Exchange& exchange, const Api& api,
                                                                   data::ObjectKind kind) {
  std::string id(exchange.path_argument);
  auto provider = co_await provider_of(exchange, api, kind, std::move(id));
  if (!provider) co_return fail(provider);
  model::UpstreamCall call = object_call(exchange, *provider, kind);
  co_return co_await api.gateway.open(std::move(call));
}

Task<Result<>> pass_object(Exchange& exchange, const Api& api, data::ObjectKind kind) {
  auto reply = co_await ask_for_object(exchange, api, kind);
  if (!reply) co_return fail(reply);
  co_return co_await relay(exchange, **reply);
}

Task<Result<>> delete_object(Exchange& exchange, const Api& api, data::ObjectKind kind) {
  auto reply = co_await ask_for_object(exchange, api, kind);
  if (!reply) co_return fail(reply);
  if ((*reply)->status() < 300) {
    std::string id(exchange.path_argument);
    auto removed = co_await api.objects.remove(kind, std::move(id));
    if (!removed) co_return fail(removed);
  }
  co_return co_await relay(exchange, **reply);
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
