#include "edge/api/batches.h"

#include "base/json.h"
#include "base/json_edit.h"
#include "edge/api/object_list.h"
#include "edge/api/object_owners.h"
#include "edge/api/provider_call.h"
#include "edge/api/relay.h"
#include "edge/outlet.h"
#include "model/batch_results.h"
#include "model/file_id_scanner.h"

namespace weir::edge {
namespace {

constexpr auto kBatch = data::ObjectKind::batch;

// A batch's requests on their way; fails with not_found at the first file that is not the caller's.
class CheckedBatch final : public net::BodyReader {
 public:
  CheckedBatch(net::BodyReader& body, const Exchange& exchange, const Api& api)
      : body_(body), exchange_(exchange), api_(api) {}

  Task<Result<std::string_view>> read() override {
    auto piece = co_await body_.read();
    if (!piece) co_return piece;
    std::vector<std::string> ids;
    scanner_.feed(*piece, ids);
    auto checked = co_await check_owned(exchange_, api_, data::ObjectKind::file, std::move(ids));
    if (!checked) co_return fail(checked);
    co_return piece;
  }
  void interrupt() override { body_.interrupt(); }

 private:
  net::BodyReader& body_;
  const Exchange& exchange_;
  const Api& api_;
  model::FileIdScanner scanner_;
};

// The exchange's own request, which names a batch.
Task<Result<std::unique_ptr<model::UpstreamReply>>> ask(Exchange& exchange, const Api& api) {
  std::string id(exchange.path_argument);
  auto provider = co_await provider_of(exchange, api, kBatch, std::move(id));
  if (!provider) co_return fail(provider);
  model::UpstreamCall call = provider_call(exchange, *provider);
  if (call.method == "HEAD") call.method = "GET";  // whose fields are the same
  co_return co_await api.gateway.open(std::move(call));
}

Task<Result<>> answer_with_batch(Exchange& exchange, model::UpstreamReply& reply, std::string batch) {
  std::string shown = batch_for_client(batch, exchange);
  co_return co_await send_answer(exchange, reply, std::move(shown));
}

Task<Result<>> ask_for_batch(Exchange& exchange, const Api& api) {
  auto reply = co_await ask(exchange, api);
  if (!reply) co_return fail(reply);
  if ((*reply)->status() >= 300) co_return co_await relay(exchange, **reply);
  auto batch = co_await read_answer(**reply, kObjectSizeMax);
  if (!batch) co_return fail(batch);
  co_return co_await answer_with_batch(exchange, **reply, *std::move(batch));
}

}  // namespace

std::string batch_for_client(std::string_view batch, const Exchange& exchange) {
  auto edit = JsonEdit::read(batch);
  if (!edit) return std::string(batch);
  const JsonMember* const url = edit->find("results_url");
  const auto id = id_of(batch);
  if (url == nullptr || !json_string(url->value) || !id) return std::string(batch);
  std::string own;
  append_json_string(own, std::string(exchange.secure ? "https://" : "http://") + exchange.request.authority +
                              "/v1/messages/batches/" + *id + "/results");
  edit->set("results_url", std::move(own));
  return edit->text();
}

Task<Result<>> post_batch(Exchange& exchange, const Api& api) {
  LimitedBody limited(*exchange.request.body, api.config.batch_body_size_max);
  CheckedBatch body(limited, exchange, api);
  model::UpstreamCall call = object_call(exchange, "", kBatch);
  if (exchange.request.has_body) {
    call.upload = &body;
    call.upload_size = exchange.request.content_length;
  }
  auto created = co_await create_object(exchange, api, kBatch, std::move(call));
  if (!created) co_return fail(created);
  if (!created->object) co_return co_await relay(exchange, *created->reply);
  co_return co_await answer_with_batch(exchange, *created->reply, *std::move(created->object));
}

Task<Result<>> list_batches(Exchange& exchange, const Api& api) {
  return list_objects(exchange, api, kBatch);
}

Task<Result<>> get_batch(Exchange& exchange, const Api& api) {
  return ask_for_batch(exchange, api);
}

Task<Result<>> cancel_batch(Exchange& exchange, const Api& api) {
  return ask_for_batch(exchange, api);
}

Task<Result<>> delete_batch(Exchange& exchange, const Api& api) {
  co_return co_await delete_object(exchange, api, kBatch);
}

Task<Result<>> get_batch_results(Exchange& exchange, const Api& api) {
  auto reply = co_await ask(exchange, api);
  if (!reply) co_return fail(reply);
  if ((*reply)->status() >= 300) co_return co_await relay(exchange, **reply);
  const model::Attribution who = attribution_of(exchange);
  const auto results = api.gateway.batch_results(who, (*reply)->provider(), exchange.path_argument);
  auto first = co_await (*reply)->read();
  if (!first) co_return fail(first);
  co_return co_await relay_results(exchange, **reply, *first, *results);
}

}  // namespace weir::edge
