#include "edge/policies/request_id.h"

#include "base/ids.h"

namespace weir::edge {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of(kHexDigits) == text.npos;
}
bool is_all_zero(std::string_view text) {
  return text.find_first_not_of('0') == text.npos;
}

void write_hex(std::span<const std::byte> bytes, char* out) {
  for (const std::byte byte : bytes) {
    *out++ = kHexDigits[std::to_integer<unsigned>(byte) >> 4];
    *out++ = kHexDigits[std::to_integer<unsigned>(byte) & 15];
  }
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
  // version "-" trace-id "-" parent-id "-" flags; later versions may append "-…".
  constexpr std::size_t kSize = 55;
  if (text.size() < kSize || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace = text.substr(3, 32);
  const std::string_view parent = text.substr(36, 16);
  const std::string_view flags = text.substr(53, 2);
  if (!is_lower_hex(version) || !is_lower_hex(trace) || !is_lower_hex(parent) || !is_lower_hex(flags))
    return std::nullopt;
  if (version == "ff" || is_all_zero(trace) || is_all_zero(parent)) return std::nullopt;
  if (text.size() > kSize && (version == "00" || text[kSize] != '-')) return std::nullopt;
  TraceContext context;
  std::copy(trace.begin(), trace.end(), context.trace_id.begin());
  std::copy(parent.begin(), parent.end(), context.parent_id.begin());
  context.sampled = (kHexDigits.find(flags[1]) & 1) != 0;
  context.has_parent = true;
  return context;
}

Result<> name_request(Exchange& exchange, Admission& admission) {
  exchange.id = new_id("req", admission.clock, admission.random);
  exchange.out.extra().add_valid("x-request-id", exchange.id);

  std::array<std::byte, 24> entropy{};
  admission.random.fill(entropy);
  const auto parsed = parse_traceparent(exchange.request.headers.get("traceparent"));
  if (parsed) {
    exchange.trace = *parsed;
  } else {
    write_hex(std::span(entropy).first(16), exchange.trace.trace_id.data());
  }
  write_hex(std::span(entropy).last(8), exchange.trace.span_id.data());
  return {};
}

}  // namespace weir::edge
