#include "edge/api/resume_wish.h"

#include "base/text.h"
#include "edge/api/body.h"
#include "edge/api/query.h"

namespace weir::edge {
namespace {

constexpr std::string_view kGrace = "x-weir-grace";
constexpr std::string_view kResume = "x-weir-resume";

std::optional<std::chrono::milliseconds> read_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_int(text.substr(0, digits));
  constexpr std::int64_t kMost = 1'000'000'000;  // far more than any bound, and no overflow in minutes
  if (!number || *number > kMost) return std::nullopt;
  const std::string_view unit = text.substr(digits);
  if (unit == "ms") return std::chrono::milliseconds(*number);
  if (unit == "s") return std::chrono::seconds(*number);
  if (unit == "m") return std::chrono::minutes(*number);
  return std::nullopt;
}

}  // namespace

Result<std::optional<ResumeWish>> read_resume_wish(const Exchange& exchange, const ResumeConfig& config) {
  const net::Headers& headers = exchange.request.headers;
  ResumeWish wish{.grace = config.grace};
  if (const auto resume = headers.find(kResume)) {
    if (*resume != "true" && *resume != "false") {
      return bad_field(kResume, "x-weir-resume must be true or false");
    }
    wish.ids = *resume == "true";
    if (!wish.ids) wish.grace = {};
    if (wish.ids && wish.grace.count() == 0) wish.grace = config.resume_grace;
  }
  if (const auto grace = headers.find(kGrace)) {
    const auto duration = read_duration(*grace);
    if (!duration) return bad_field(kGrace, "x-weir-grace must be a duration", "such as 30s, 500ms or 2m");
    wish.grace = *duration;
  }
  wish.grace = std::min(wish.grace, config.grace_max);
  if (wish.grace.count() == 0) return std::nullopt;
  return wish;
}

Result<std::uint64_t> read_last_event(const Exchange& exchange) {
  std::string text(exchange.request.headers.get("last-event-id"));
  if (text.empty()) text = query_value(exchange.request.query, "after").value_or("");
  if (text.empty()) return 0;
  const auto number = parse_int(text);
  if (!number || *number < 0) {
    return bad_field("last-event-id", "the last event's id must be a whole number",
                     "events are numbered from 1; 0 or nothing is the start");
  }
  return static_cast<std::uint64_t>(*number);
}

}  // namespace weir::edge
