#include "data/document_cursor.h"

#include <limits>

#include "base/text.h"

namespace weir::data {

std::string to_string(const DocumentCursor& cursor) {
  return std::to_string(cursor.created_at.count()) + "." + cursor.id;
}

Result<DocumentCursor> parse_document_cursor(std::string_view text) {
  if (text.empty()) return DocumentCursor{WallTime(std::numeric_limits<std::int64_t>::max()), {}};
  const auto point = text.find('.');
  const auto nanos = parse_int(text.substr(0, point));
  if (point == std::string_view::npos || !nanos) {
    Error error(Code::invalid_request, "cursor is not one that this server gave",
                "pass next_cursor of the page before as it is, or leave the cursor out");
    error.field = "cursor";
    return fail(std::move(error));
  }
  return DocumentCursor{WallTime(*nanos), std::string(text.substr(point + 1))};
}

Result<> check_page_limit(std::uint32_t limit) {
  if (limit >= 1 && limit <= kPageLimitMax) return {};
  Error error(Code::invalid_request, "limit must be 1 to " + std::to_string(kPageLimitMax));
  error.field = "limit";
  return fail(std::move(error));
}

}  // namespace weir::data
