#include "ops/upstream/object_page.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"

namespace weir::ops::upstream {
namespace {

constexpr std::string_view kTokenPrefix = "page_";

struct Query {
  std::vector<std::string> ids;
  std::string after_id, before_id, page;
  std::size_t limit = 20;
};

Query read_query(std::string_view text) {
  Query query;
  for (const std::string_view pair : split(text, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string name = percent_decode(pair.substr(0, equals)).value_or("");
    std::string value = percent_decode(pair.substr(std::min(equals + 1, pair.size()))).value_or("");
    if (name == "ids" || name == "ids[]") query.ids.push_back(std::move(value));
    if (name == "after_id") query.after_id = value;
    if (name == "before_id") query.before_id = value;
    if (name == "page") query.page = value;
    if (name == "limit")
      query.limit = static_cast<std::size_t>(std::max<std::int64_t>(parse_int(value).value_or(20), 1));
  }
  return query;
}

std::size_t index_of(const json::array& all, std::string_view id) {
  const auto found = std::ranges::find_if(
      all, [id](const json::value& object) { return string_member(object, "id") == id; });
  return static_cast<std::size_t>(found - all.begin());
}

json::array slice(const json::array& all, std::size_t begin, std::size_t end) {
  json::array part;
  for (std::size_t i = begin; i < std::min(end, all.size()); ++i) part.push_back(all[i]);
  return part;
}

// The first object of the page is named, so that new ones do not move it.
json::object page_by_token(const json::array& all, const Query& query) {
  std::size_t begin = 0;
  if (query.page.starts_with(kTokenPrefix)) begin = index_of(all, query.page.substr(kTokenPrefix.size()));
  const std::size_t end = begin + query.limit;
  json::object page{{"next_page", nullptr}};
  page["data"] = slice(all, begin, end);
  if (end < all.size())
    page["next_page"] = std::string(kTokenPrefix) + std::string(string_member(all[end], "id"));
  return page;
}

json::object page_by_id(const json::array& all, const Query& query) {
  std::size_t begin = query.after_id.empty() ? 0 : index_of(all, query.after_id) + 1;
  std::size_t end = begin + query.limit;
  bool more = end < all.size();
  if (!query.before_id.empty()) {
    end = index_of(all, query.before_id);
    begin = end - std::min(end, query.limit);
    more = begin > 0;
  }
  json::array data = slice(all, begin, end);
  json::object page{{"has_more", more}, {"first_id", nullptr}, {"last_id", nullptr}};
  if (!data.empty()) {
    page["first_id"] = string_member(data.front(), "id");
    page["last_id"] = string_member(data.back(), "id");
  }
  page["data"] = std::move(data);
  return page;
}

}  // namespace

json::object page_of(json::array all, const net::Request& request) {
  const Query query = read_query(request.query);
  if (!query.ids.empty()) {
    json::array named;
    for (const json::value& object : all) {
      if (std::ranges::find(query.ids, string_member(object, "id")) != query.ids.end())
        named.push_back(object);
    }
    json::object page{{"next_page", nullptr}};
    page["data"] = std::move(named);
    return page;
  }
  const bool by_token =
      request.path.ends_with("/files") && request.headers.get("anthropic-version") >= "2026-10-21";
  return by_token ? page_by_token(all, query) : page_by_id(all, query);
}

}  // namespace weir::ops::upstream
