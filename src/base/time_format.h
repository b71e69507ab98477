// base/time_format.h: the two spellings of an instant on the wire.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace weir {

std::string to_rfc3339(WallTime time);       // 2026-11-24T01:02:03.456Z
std::string to_rfc3339_nanos(WallTime time);  // 2026-11-24T01:02:03.456789012Z
std::string to_http_date(WallTime time);     // IMF-fixdate, RFC 9110 §5.6.7
std::optional<WallTime> parse_http_date(std::string_view text);  // IMF-fixdate only
std::optional<WallTime> parse_rfc3339(std::string_view text);    // UTC ("Z") or with an offset

}  // namespace weir
