// edge/api/object_list.h: lists of files, batches and vector stores: of what the provider lists, what is the
// caller's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/provider_objects.h"
#include "edge/routes.h"

namespace weir::edge {

// Walks the provider's pages until the caller's page is full, and ends it as the provider would: has_more,
// first_id and last_id where one pages by ids, next_page where one pages by `page`.
// Objects stand there as the provider gave them. overloaded when more than kListCallsMax pages hold nothing
// of the caller's.
Task<Result<>> list_objects(Exchange& exchange, const Api& api, data::ObjectKind kind);

constexpr std::uint32_t kListCallsMax = 100;

// A provider's page. Views are into its text.
struct ObjectPage {
  struct Item {
    std::string id;
    std::string_view json;
  };
  std::vector<Item> items;
  bool by_token = false;  // it has next_page
  bool has_more = false;
  std::string next_page;  // empty: none

  static Result<ObjectPage> read(std::string_view text);
};

// Weir's own next_page: the provider's token of the page to go on in, and the id behind which.
struct PageToken {
  std::string page;  // the provider's; empty: its first page
  std::string after;
  static PageToken parse(std::string_view text);
  std::string to_string() const;
};

}  // namespace weir::edge
