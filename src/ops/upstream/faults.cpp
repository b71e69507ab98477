#include "ops/upstream/faults.h"

#include <optional>

#include "base/text.h"

namespace weir::ops::upstream {
namespace {

struct Flag {
  std::string_view name;
  bool Faults::* member;
};
constexpr Flag kFlags[] = {{"error_first", &Faults::error_first},
                           {"error_midway", &Faults::error_midway},
                           {"cut", &Faults::cut},
                           {"stall", &Faults::stall},
                           {"stall_first", &Faults::stall_first},
                           {"stall_start", &Faults::stall_start},
                           {"malformed_sse", &Faults::malformed_sse},
                           {"wrong_content_type", &Faults::wrong_content_type}};

struct Number {
  std::string_view name;
  void (*set)(Faults&, std::int64_t);
};
constexpr Number kNumbers[] = {
    {"status", [](Faults& f, std::int64_t n) { f.status = static_cast<int>(n); }},
    {"retry_after", [](Faults& f, std::int64_t n) { f.retry_after = n; }},
    {"first_delay_ms", [](Faults& f, std::int64_t n) { f.first_delay = std::chrono::milliseconds(n); }},
    {"event_delay_ms", [](Faults& f, std::int64_t n) { f.event_delay = std::chrono::milliseconds(n); }},
    {"byte_delay_ms", [](Faults& f, std::int64_t n) { f.byte_delay = std::chrono::milliseconds(n); }},
    {"events", [](Faults& f, std::int64_t n) { f.events = n; }},
    {"padding_mib", [](Faults& f, std::int64_t n) { f.padding_mib = n; }},
    {"times", [](Faults& f, std::int64_t n) { f.times = n; }},
    {"percent", [](Faults& f, std::int64_t n) { f.percent = n; }}};

constexpr std::int64_t kNumberMax = 1'000'000;

bool apply(Faults& faults, std::string_view name, std::string_view value) {
  const auto number = parse_int(value);
  const bool in_range = number && *number >= 0 && *number <= kNumberMax;
  if (name == "429" || name == "500" || name == "529") {
    faults.status = static_cast<int>(*parse_int(name));
    if (in_range) faults.retry_after = *number;
    return value.empty() || in_range;
  }
  for (const Flag& flag : kFlags) {
    if (name == flag.name) return faults.*flag.member = value.empty();
  }
  for (const Number& entry : kNumbers) {
    if (name != entry.name || !in_range) continue;
    entry.set(faults, *number);
    return name != "status" || (faults.status >= 200 && faults.status <= 599);
  }
  return false;
}

}  // namespace

Result<Faults> parse_faults(std::string_view text) {
  Faults faults;
  for (const std::string_view part : split(text, ',')) {
    const std::string_view fault = trim(part);
    if (fault.empty()) continue;
    const std::size_t equals = std::min(fault.find('='), fault.size());
    const std::string_view value = fault.substr(std::min(equals + 1, fault.size()));
    if (!apply(faults, fault.substr(0, equals), value)) {
      return fail(Code::invalid_request,
                  "x-weir-fault: \"" + std::string(fault) + "\" is no fault of the simulator",
                  "the manual of weir upstream lists them");
    }
  }
  return faults;
}

std::int64_t FaultCounts::count(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(id);
  if (found != counts_.end()) return ++found->second;
  if (counts_.size() < kIdsMax) counts_.emplace(std::string(id), 1);
  return 1;
}

}  // namespace weir::ops::upstream
