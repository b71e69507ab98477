#include "edge/api/object_list.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/json_edit.h"
#include "base/text.h"
#include "edge/api/batches.h"
#include "edge/api/body.h"
#include "edge/api/object_owners.h"
#include "edge/api/openai_objects.h"
#include "edge/api/provider_call.h"
#include "edge/api/query.h"
#include "edge/api/relay.h"
#include "edge/outlet.h"
#include "model/json_span.h"

namespace weir::edge {
namespace {

// How the provider lets one page through objects of a kind.
struct Paging {
  std::string_view after, before;  // parameters
  std::uint32_t limit_default, limit_max;
  std::string_view head;  // of a page
};

Paging paging_of(data::ObjectKind kind) {
  using enum data::ObjectKind;
  constexpr std::string_view kOpenAiHead = "{\"object\":\"list\",\"data\":[";
  switch (kind) {
    case file:
    case batch: break;
    case openai_file: return {"after", "before", 10'000, 10'000, kOpenAiHead};
    case openai_batch:
    case vector_store: return {"after", "before", 20, 100, kOpenAiHead};
  }
  return {"after_id", "before_id", 20, 1'000, "{\"data\":["};
}

constexpr std::size_t kPageMax = 16 * 1024 * 1024;
constexpr char kTokenSeparator = '~';
constexpr std::array<std::string_view, 8> kPaging{"limit",  "after_id", "before_id", "after",
                                                  "before", "page",     "ids",       "ids[]"};
constexpr std::array<std::string_view, 2> kIds{"ids", "ids[]"};

// Where the walk is, and what it has found.
struct Walk {
  Paging paging;
  std::uint32_t limit = 0;
  bool backwards = false;  // before_id
  std::string cursor;      // after_id or before_id of the next call
  PageToken token;         // page of the next call
  std::vector<std::string> objects;
  std::vector<std::string> ids;
  std::uint64_t unseen = UINT64_MAX;  // the caller's objects that the walk may still meet
  bool by_token = false;
  bool more = false;
};

std::string target_of(const Exchange& exchange, const Walk& walk) {
  std::string query = query_without(exchange.request.query, kPaging);
  if (!query.empty()) query += '&';
  query += "limit=" + std::to_string(walk.paging.limit_max);
  if (!walk.cursor.empty()) {
    query += '&' + std::string(walk.backwards ? walk.paging.before : walk.paging.after) + '=' +
             percent_encode(walk.cursor);
  }
  if (!walk.token.page.empty()) query += "&page=" + percent_encode(walk.token.page);
  const std::string_view target = exchange.request.target;
  return std::string(target.substr(0, target.find('?'))) + '?' + query;
}

// The caller's objects of a page, in the order of the walk, until the caller's page is full.
Task<Result<>> take_owned(Exchange& exchange, const Api& api, data::ObjectKind kind, ObjectPage page,
                          std::string_view provider, Walk& walk) {
  if (walk.backwards) std::ranges::reverse(page.items);
  if (!walk.token.after.empty()) {
    const auto last = std::ranges::find(page.items, walk.token.after, &ObjectPage::Item::id);
    if (last != page.items.end()) page.items.erase(page.items.begin(), last + 1);
  }
  std::vector<std::string> asked;
  for (const ObjectPage::Item& item : page.items) asked.push_back(item.id);
  data::ObjectOwner owner = owner_of(exchange);
  auto owned = co_await api.objects.owned_of(std::move(owner), kind, std::move(asked));
  if (!owned) co_return fail(owned);
  auto next = owned->begin();
  for (const ObjectPage::Item& item : page.items) {
    if (next == owned->end()) break;
    if (item.id != *next) continue;
    ++next;
    if (walk.objects.size() == walk.limit) {
      walk.more = true;
      break;
    }
    if (kind == data::ObjectKind::openai_batch) {
      auto noted = co_await note_batch_files(exchange, api, item.json, provider);
      if (!noted) co_return noted;
    }
    walk.objects.push_back(kind == data::ObjectKind::batch ? batch_for_client(item.json, exchange)
                                                           : std::string(item.json));
    walk.ids.push_back(item.id);
    --walk.unseen;
  }
  co_return Result<>();
}

std::string page_text(Walk& walk) {
  if (walk.backwards) {
    std::ranges::reverse(walk.objects);
    std::ranges::reverse(walk.ids);
  }
  std::string out(walk.paging.head);
  for (const std::string& object : walk.objects) {
    if (!out.ends_with('[')) out += ',';
    out += object;
  }
  out += ']';
  const auto add = [&out](std::string_view name, std::string_view text) {
    out += ",\"" + std::string(name) + "\":";
    if (text.empty()) out += "null";
    if (!text.empty()) append_json_string(out, text);
  };
  if (walk.by_token) {
    const PageToken next{.page = walk.token.page, .after = walk.ids.empty() ? "" : walk.ids.back()};
    add("next_page", walk.more ? next.to_string() : "");
  } else {
    out += walk.more ? ",\"has_more\":true" : ",\"has_more\":false";
    add("first_id", walk.ids.empty() ? "" : std::string_view(walk.ids.front()));
    add("last_id", walk.ids.empty() ? "" : std::string_view(walk.ids.back()));
  }
  out += '}';
  return out;
}

// The provider's own page. The files that are asked for by their ids are left out when they are another's.
Task<Result<>> list_by_ids(Exchange& exchange, const Api& api, data::ObjectKind kind,
                           std::vector<std::string> ids) {
  data::ObjectOwner owner = owner_of(exchange);
  auto owned = co_await api.objects.owned_of(std::move(owner), kind, std::move(ids));
  if (!owned) co_return fail(owned);
  if (owned->empty()) {
    auto none = json_response(200, R"({"data":[],"next_page":null})");
    co_return co_await exchange.out.send(std::move(none));
  }
  model::UpstreamCall call = object_call(exchange, "", kind);
  std::string query = query_without(exchange.request.query, kIds);
  for (const std::string& id : *owned)
    query += (query.empty() ? "ids%5B%5D=" : "&ids%5B%5D=") + percent_encode(id);
  call.target = call.target.substr(0, call.target.find('?')) + '?' + query;
  co_return co_await call_and_relay(exchange, api, std::move(call));
}

Result<Walk> begin_walk(std::string_view query, data::ObjectKind kind) {
  Walk walk{.paging = paging_of(kind)};
  const Paging& paging = walk.paging;
  const auto limit = query_number(query, "limit", 1, paging.limit_max, paging.limit_default);
  if (!limit) return fail(Error(limit.error()));
  walk.limit = *limit;
  const std::string before = query_value(query, paging.before).value_or("");
  const std::string after = query_value(query, paging.after).value_or("");
  if (!before.empty() && !after.empty()) {
    return bad_field(paging.after, std::string(paging.after) + " and " + std::string(paging.before) +
                                       " exclude each other");
  }
  walk.backwards = !before.empty();
  walk.cursor = walk.backwards ? before : after;
  const std::string token = query_value(query, "page").value_or("");
  walk.by_token = !token.empty();
  walk.token = PageToken::parse(token);
  return walk;
}

// For the only caller there is: the provider's page, but for where results are.
Task<Result<>> list_all_batches(Exchange& exchange, const Api& api) {
  model::UpstreamCall call = provider_call(exchange, "");
  call.method = "GET";
  auto reply = co_await api.gateway.open(std::move(call));
  if (!reply) co_return fail(reply);
  if ((*reply)->status() != 200) co_return co_await relay(exchange, **reply);
  auto text = co_await read_answer(**reply, kPageMax);
  if (!text) co_return fail(text);
  auto page = ObjectPage::read(*text);
  if (!page) co_return fail(page);
  std::string shown;
  std::string_view rest = *text;
  for (const ObjectPage::Item& item : page->items) {
    const auto before = static_cast<std::size_t>(item.json.data() - rest.data());
    shown += rest.substr(0, before);
    shown += batch_for_client(item.json, exchange);
    rest.remove_prefix(before + item.json.size());
  }
  shown += rest;
  co_return co_await send_answer(exchange, **reply, std::move(shown));
}

// False: the page is empty, and nobody need be asked for it.
Task<Result<bool>> has_any(Exchange& exchange, const Api& api, data::ObjectKind kind, Walk& walk) {
  data::ObjectOwner owner = owner_of(exchange);
  auto count = co_await api.objects.count(std::move(owner), kind);
  if (!count) co_return fail(count);
  if (walk.cursor.empty() && !walk.by_token) walk.unseen = *count;
  co_return *count > 0;
}

}  // namespace

Result<ObjectPage> ObjectPage::read(std::string_view text) {
  auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) {
    return fail(Code::upstream_failed, "the provider's list is not JSON");
  }
  ObjectPage page;
  if (const json::value* next = find_member(*parsed, "next_page")) {
    page.by_token = true;
    if (next->is_string()) page.next_page = next->get_string();
  }
  const json::value* const more = find_member(*parsed, "has_more");
  page.has_more = !page.next_page.empty() || (more != nullptr && more->is_bool() && more->get_bool());
  const auto data = model::find_json_member(text, "data");
  bool whole = data && data->starts_with('[');
  if (whole) {
    model::for_each_element(*data, [&](std::string_view object) {
      auto id = id_of(object);
      whole = id.has_value();
      if (id) page.items.push_back({*std::move(id), object});
      return whole;
    });
  }
  if (!whole) return fail(Code::upstream_failed, "the provider's list has no data");
  return page;
}

PageToken PageToken::parse(std::string_view text) {
  const std::size_t at = text.rfind(kTokenSeparator);
  if (at == std::string_view::npos) return {.page = std::string(text), .after = ""};
  return {.page = std::string(text.substr(0, at)), .after = std::string(text.substr(at + 1))};
}

std::string PageToken::to_string() const {
  return page + kTokenSeparator + after;
}

Task<Result<>> list_objects(Exchange& exchange, const Api& api, data::ObjectKind kind) {
  if (!owners_apply(exchange)) {
    if (kind == data::ObjectKind::batch) co_return co_await list_all_batches(exchange, api);
    model::UpstreamCall call = object_call(exchange, "", kind);
    co_return co_await call_and_relay(exchange, api, std::move(call));
  }
  auto ids = query_values(exchange.request.query, kIds);
  if (!ids.empty() && kind == data::ObjectKind::file) {
    co_return co_await list_by_ids(exchange, api, kind, std::move(ids));
  }
  auto walk = begin_walk(exchange.request.query, kind);
  if (!walk) co_return fail(walk);
  auto any = co_await has_any(exchange, api, kind, *walk);
  if (!any) co_return fail(any);
  for (std::uint32_t calls = 0; *any; ++calls) {
    if (calls == kListCallsMax) {
      co_return fail(Code::overloaded, "the list is too long to find what is yours", "name the id instead");
    }
    model::UpstreamCall call = object_call(exchange, "", kind);
    call.method = "GET";
    call.target = target_of(exchange, *walk);
    auto reply = co_await api.gateway.open(std::move(call));
    if (!reply) co_return fail(reply);
    if ((*reply)->status() != 200) co_return co_await relay(exchange, **reply);
    auto text = co_await read_answer(**reply, kPageMax);
    if (!text) co_return fail(text);
    auto page = ObjectPage::read(*text);
    if (!page) co_return fail(page);
    const bool has_more = page->has_more && !page->items.empty();
    walk->by_token = page->by_token;
    std::string next_page = page->next_page;
    if (!page->items.empty()) walk->cursor = walk->backwards ? page->items.front().id : page->items.back().id;
    if (page->by_token) walk->cursor.clear();
    auto taken = co_await take_owned(exchange, api, kind, *std::move(page), (*reply)->provider(), *walk);
    if (!taken) co_return fail(taken);
    if (walk->more || !has_more || walk->unseen == 0) break;
    walk->token = PageToken{.page = std::move(next_page), .after = ""};
  }
  auto answer = json_response(200, page_text(*walk));
  co_return co_await exchange.out.send(std::move(answer));
}

}  // namespace weir::edge
