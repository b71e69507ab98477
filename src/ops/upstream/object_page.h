// ops/upstream/object_page.h: the pages in which the simulated provider lists files and batches.
#pragma once

#include "base/json.h"
#include "net/http.h"

namespace weir::ops::upstream {

// What the request asks for of `all`, which is newest first. With `ids` those objects; files under
// anthropic-version 2026-10-21 by next_page and `page`; else by has_more, first_id, last_id, after_id,
// before_id.
json::object page_of(json::array all, const net::Request& request);

}  // namespace weir::ops::upstream
