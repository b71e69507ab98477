#include "edge/api/openai_objects.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "edge/api/body.h"
#include "edge/api/object_list.h"
#include "edge/api/object_owners.h"
#include "edge/api/provider_call.h"
#include "edge/api/relay.h"
#include "edge/outlet.h"
#include "model/batch_results.h"

namespace weir::edge {
namespace {

constexpr auto kFile = data::ObjectKind::openai_file;
constexpr auto kBatch = data::ObjectKind::openai_batch;
constexpr auto kStore = data::ObjectKind::vector_store;

// A request whose body names files and stores, and is small.
Task<Result<std::string>> checked_body(Exchange& exchange, const Api& api) {
  if (!exchange.request.has_body) co_return std::string();
  auto body = co_await read_body(exchange, api.config.messages_body_size_max);
  if (!body) co_return fail(body);
  auto checked = co_await check_references(exchange, api, *body);
  if (!checked) co_return fail(checked);
  co_return body;
}

Task<Result<>> create(Exchange& exchange, const Api& api, data::ObjectKind kind) {
  auto body = co_await checked_body(exchange, api);
  if (!body) co_return fail(body);
  model::UpstreamCall call = object_call(exchange, "", kind);
  call.body = *std::move(body);
  auto created = co_await create_object(exchange, api, kind, std::move(call));
  if (!created) co_return fail(created);
  if (!created->object) co_return co_await relay(exchange, *created->reply);
  co_return co_await send_answer(exchange, *created->reply, *std::move(created->object));
}

void take_ids(const json::value& value, std::vector<std::string>& ids) {
  if (value.is_string()) ids.emplace_back(value.get_string());
  if (!value.is_array()) return;
  for (const json::value& element : value.get_array()) {
    if (element.is_string()) ids.emplace_back(element.get_string());
  }
}

// As deep as parse_json lets a document be.
void find_references(const json::value& value, OpenAiReferences& found) {
  if (value.is_array()) {
    for (const json::value& element : value.get_array()) find_references(element, found);
  }
  if (!value.is_object()) return;
  for (const auto& [name, member] : value.get_object()) {
    if (name == "metadata") continue;
    if (name == "file_id" || name == "input_file_id" || name == "file_ids") take_ids(member, found.files);
    if (name == "vector_store_id" || name == "vector_store_ids") take_ids(member, found.vector_stores);
    find_references(member, found);
  }
}

// A path whose segments are ids and words, so that no server reads it as another one.
bool is_plain(std::string_view path) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/";
  return path.find_first_not_of(kPlain) == path.npos && !path.contains("//") && !path.ends_with('/');
}

}  // namespace

Task<Result<>> post_openai_file(Exchange& exchange, const Api& api) {
  LimitedBody body(*exchange.request.body, api.config.file_body_size_max);
  co_return co_await upload_object(exchange, api, kFile, body);
}

Task<Result<>> list_openai_files(Exchange& exchange, const Api& api) {
  return list_objects(exchange, api, kFile);
}

Task<Result<>> get_openai_file(Exchange& exchange, const Api& api) {
  return pass_object(exchange, api, kFile);
}

Task<Result<>> get_openai_file_content(Exchange& exchange, const Api& api) {
  auto reply = co_await ask_for_object(exchange, api, kFile);
  if (!reply) co_return fail(reply);
  auto first = co_await (*reply)->read();
  if (!first) co_return fail(first);
  // Results are lines of JSON; nothing else tells that a file has them.
  if ((*reply)->status() >= 300 || !first->starts_with('{')) {
    net::ResponseHead head = relayed_head(**reply);
    co_return co_await relay(exchange, **reply, std::move(head), *first);
  }
  const model::Attribution who = attribution_of(exchange);
  const auto results = api.gateway.batch_results(who, (*reply)->provider(), exchange.path_argument);
  co_return co_await relay_results(exchange, **reply, *first, *results);
}

Task<Result<>> delete_openai_file(Exchange& exchange, const Api& api) {
  return delete_object(exchange, api, kFile);
}

Task<Result<>> post_openai_batch(Exchange& exchange, const Api& api) {
  return create(exchange, api, kBatch);
}

Task<Result<>> list_openai_batches(Exchange& exchange, const Api& api) {
  return list_objects(exchange, api, kBatch);
}

Task<Result<>> ask_openai_batch(Exchange& exchange, const Api& api) {
  auto reply = co_await ask_for_object(exchange, api, kBatch);
  if (!reply) co_return fail(reply);
  if ((*reply)->status() >= 300) co_return co_await relay(exchange, **reply);
  auto batch = co_await read_answer(**reply, kObjectSizeMax);
  if (!batch) co_return fail(batch);
  auto noted = co_await note_batch_files(exchange, api, *batch, (*reply)->provider());
  if (!noted) co_return fail(noted);
  co_return co_await send_answer(exchange, **reply, *std::move(batch));
}

Task<Result<>> post_vector_store(Exchange& exchange, const Api& api) {
  return create(exchange, api, kStore);
}

Task<Result<>> list_vector_stores(Exchange& exchange, const Api& api) {
  return list_objects(exchange, api, kStore);
}

Task<Result<>> ask_vector_store(Exchange& exchange, const Api& api) {
  if (!is_plain(exchange.path)) co_return fail(Code::not_found, "there is no " + exchange.path);
  const bool whole = !exchange.path_argument.contains('/');
  std::string id(exchange.path_argument.substr(0, exchange.path_argument.find('/')));
  std::string asked = id;
  auto provider = co_await provider_of(exchange, api, kStore, std::move(asked));
  if (!provider) co_return fail(provider);
  auto body = co_await checked_body(exchange, api);
  if (!body) co_return fail(body);
  model::UpstreamCall call = object_call(exchange, *provider, kStore);
  call.body = *std::move(body);
  auto reply = co_await api.gateway.open(std::move(call));
  exchange.body_pass.release();
  if (!reply) co_return fail(reply);
  if (whole && exchange.request.method == "DELETE" && (*reply)->status() < 300) {
    auto removed = co_await api.objects.remove(kStore, std::move(id));
    if (!removed) co_return fail(removed);
  }
  co_return co_await relay(exchange, **reply);
}

OpenAiReferences openai_references(std::string_view body) {
  // An escape may hide a name.
  constexpr std::array<std::string_view, 3> kSigns{"file_id", "vector_store_id", "\\u"};
  OpenAiReferences found;
  if (std::ranges::none_of(kSigns, [body](std::string_view sign) { return body.contains(sign); }))
    return found;
  if (const auto document = parse_json(body)) find_references(*document, found);
  return found;
}

Task<Result<>> check_references(const Exchange& exchange, const Api& api, std::string_view body) {
  if (!owners_apply(exchange)) co_return Result<>();
  OpenAiReferences named = openai_references(body);
  auto files = co_await check_owned(exchange, api, kFile, std::move(named.files));
  if (!files) co_return files;
  co_return co_await check_owned(exchange, api, kStore, std::move(named.vector_stores));
}

Task<Result<>> note_batch_files(const Exchange& exchange, const Api& api, std::string_view batch,
                                std::string_view provider) {
  if (!owners_apply(exchange)) co_return Result<>();
  const auto document = parse_json(batch);
  if (!document) co_return fail(Code::upstream_failed, "the provider's batch is not JSON");
  for (const std::string_view name : {"output_file_id", "error_file_id"}) {
    std::string id(string_member(*document, name));
    if (id.empty()) continue;
    std::string from(provider);
    auto noted = co_await note_owner(exchange, api, kFile, std::move(id), std::move(from));
    if (!noted) co_return noted;
  }
  co_return Result<>();
}

}  // namespace weir::edge
