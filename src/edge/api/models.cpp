#include "edge/api/models.h"

#include "base/time_format.h"
#include "edge/api/api.h"
#include "edge/api/body.h"
#include "edge/api/query.h"
#include "edge/api/relay.h"

namespace weir::edge {
namespace {

constexpr std::uint32_t kLimitDefault = 20;  // as Anthropic's
constexpr std::uint32_t kLimitMax = 1'000;

// When each Claude is first known: its earliest price.
std::map<std::string, WallTime, std::less<>> known_models(const model::Prices& prices) {
  std::map<std::string, WallTime, std::less<>> models;
  for (const model::PriceRow& row : prices.rows()) {
    if (!row.model.starts_with("claude-")) continue;
    const auto [entry, added] = models.try_emplace(row.model, row.effective_from);
    if (!added) entry->second = std::min(entry->second, row.effective_from);
  }
  return models;
}

json::object model_json(std::string_view id, WallTime since) {
  return {{"id", id},
          {"type", "model"},
          {"display_name", id},
          {"created_at", to_rfc3339(since)},
          {"lifecycle", "active"}};
}

constexpr auto kChat = model::Dialect::chat_completions, kMessages = model::Dialect::messages;

json::object openai_model_json(std::string_view id, WallTime since) {
  const auto created = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  return {{"id", id}, {"object", "model"}, {"created", created}, {"owned_by", "anthropic"}};
}

// The answer of a provider that lists models. False: none does, as clouds do not.
Task<Result<bool>> ask_provider(Exchange& exchange, const Api& api, model::Dialect dialect) {
  model::UpstreamCall call;
  call.method = "GET";
  call.target = exchange.request.target;
  call.headers = exchange.request.headers;
  call.dialect = dialect;
  call.metered = false;
  call.who = attribution_of(exchange);
  auto reply = co_await api.gateway.open(std::move(call));
  if (!reply && reply.error().code == Code::invalid_request) co_return false;
  if (!reply) co_return fail(reply);
  auto relayed = co_await relay(exchange, **reply);
  if (!relayed) co_return fail(relayed);
  co_return true;
}

bool only_openai(const Api& api) {
  return api.gateway.speaks(model::Dialect::chat_completions) &&
         !api.gateway.speaks(model::Dialect::messages);
}

}  // namespace

bool is_openai_client(const Exchange& exchange) {
  const net::Headers& headers = exchange.request.headers;
  return headers.contains("authorization") && !headers.contains("x-api-key") &&
         !headers.contains("anthropic-version") && !headers.contains("anthropic-beta");
}

json::object openai_models(const model::Prices& prices) {
  json::array data;
  for (const auto& [id, since] : known_models(prices)) data.push_back(openai_model_json(id, since));
  return {{"object", "list"}, {"data", std::move(data)}};
}

json::object models_page(const model::Prices& prices, std::size_t limit, std::string_view after) {
  const auto models = known_models(prices);
  json::array data;
  auto next = after.empty() ? models.begin() : models.upper_bound(after);
  for (; next != models.end() && data.size() < limit; ++next)
    data.push_back(model_json(next->first, next->second));
  json::object page{{"has_more", next != models.end()}, {"first_id", nullptr}, {"last_id", nullptr}};
  if (!data.empty()) {
    page["first_id"] = string_member(data.front(), "id");
    page["last_id"] = string_member(data.back(), "id");
  }
  page["data"] = std::move(data);
  return page;
}

Task<Result<>> list_models(Exchange& exchange, const Api& api) {
  const bool openai = is_openai_client(exchange);
  if (openai ? only_openai(api) : api.gateway.configured()) {
    auto answered = co_await ask_provider(exchange, api, openai ? kChat : kMessages);
    if (!answered) co_return fail(answered);
    if (*answered) co_return Result<>();
  }
  if (openai) {
    auto list = json_response(200, to_json(openai_models(api.prices)));
    co_return co_await exchange.out.send(std::move(list));
  }
  const auto limit = query_number(exchange.request.query, "limit", 1, kLimitMax, kLimitDefault);
  if (!limit) co_return fail(Error(limit.error()));
  const std::string after = query_value(exchange.request.query, "after_id").value_or("");
  auto response = json_response(200, to_json(models_page(api.prices, *limit, after)));
  co_return co_await exchange.out.send(std::move(response));
}

Task<Result<>> get_model(Exchange& exchange, const Api& api) {
  const bool openai = is_openai_client(exchange);
  if (openai ? only_openai(api) : api.gateway.configured()) {
    auto answered = co_await ask_provider(exchange, api, openai ? kChat : kMessages);
    if (!answered) co_return fail(answered);
    if (*answered) co_return Result<>();
  }
  const auto models = known_models(api.prices);
  const auto found = models.find(exchange.path_argument);
  if (found == models.end()) co_return fail(Code::not_found, "model: " + std::string(exchange.path_argument));
  auto response = json_response(200, to_json(openai ? openai_model_json(found->first, found->second)
                                                    : model_json(found->first, found->second)));
  co_return co_await exchange.out.send(std::move(response));
}

}  // namespace weir::edge
