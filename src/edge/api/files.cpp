#include "edge/api/files.h"

#include "edge/api/object_list.h"
#include "edge/api/object_owners.h"
#include "edge/api/provider_call.h"
#include "edge/api/relay.h"

namespace weir::edge {
namespace {

constexpr auto kFile = data::ObjectKind::file;

Task<Result<>> pass_owned(Exchange& exchange, const Api& api) {
  std::string id(exchange.path_argument);
  auto provider = co_await provider_of(exchange, api, kFile, std::move(id));
  if (!provider) co_return fail(provider);
  model::UpstreamCall call = provider_call(exchange, *provider);
  co_return co_await call_and_relay(exchange, api, std::move(call));
}

}  // namespace

Task<Result<>> post_file(Exchange& exchange, const Api& api) {
  LimitedBody body(*exchange.request.body, api.config.file_body_size_max);
  auto created = co_await create_object(exchange, api, kFile, body);
  if (!created) co_return fail(created);
  if (!created->object) co_return co_await relay(exchange, *created->reply);
  co_return co_await send_answer(exchange, *created->reply, *std::move(created->object));
}

Task<Result<>> list_files(Exchange& exchange, const Api& api) {
  return list_objects(exchange, api, kFile);
}

Task<Result<>> get_file(Exchange& exchange, const Api& api) {
  return pass_owned(exchange, api);
}

Task<Result<>> get_file_content(Exchange& exchange, const Api& api) {
  return pass_owned(exchange, api);
}

Task<Result<>> delete_file(Exchange& exchange, const Api& api) {
  std::string id(exchange.path_argument);
  auto provider = co_await provider_of(exchange, api, kFile, id);
  if (!provider) co_return fail(provider);
  model::UpstreamCall call = provider_call(exchange, *provider);
  auto reply = co_await api.gateway.open(std::move(call));
  if (!reply) co_return fail(reply);
  if ((*reply)->status() < 300) {
    auto removed = co_await api.objects.remove(kFile, std::move(id));
    if (!removed) co_return fail(removed);
  }
  co_return co_await relay(exchange, **reply);
}

}  // namespace weir::edge
