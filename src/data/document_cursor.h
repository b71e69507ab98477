// data/document_cursor.h: where the next page of a list of documents begins. The list is ordered by
// (created_at, id), newest first; a cursor is that pair of the last document shown, so that a page is
// right also when documents come and go between two requests.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "data/documents.h"

namespace weir::data {

struct DocumentCursor {
  WallTime created_at{};
  std::string id;
};

constexpr std::uint32_t kPageLimitMax = 1'000;

std::string to_string(const DocumentCursor& cursor);  // opaque to clients
// The place after which `text`, a client's cursor, goes on; empty text: the very beginning.
// invalid_request: not one of ours.
Result<DocumentCursor> parse_document_cursor(std::string_view text);
// invalid_request when `limit` is not 1 to kPageLimitMax.
Result<> check_page_limit(std::uint32_t limit);

}  // namespace weir::data
