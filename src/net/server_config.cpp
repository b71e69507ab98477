#include "base/ip.h"
#include "net/server.h"

namespace weir::net {
namespace {

// One bound of ServerConfig. The name is that of the member.
struct Bound {
  std::string_view name;
  std::int64_t value, least, most;
};

Error out_of_bounds(const Bound& bound) {
  Error error(Code::invalid_request, std::string(bound.name) + " is " + std::to_string(bound.value),
              "use " + std::to_string(bound.least) + " to " + std::to_string(bound.most));
  error.field = bound.name;
  return error;
}

Error bad_field(std::string_view name, std::string message, std::string hint) {
  Error error(Code::invalid_request, std::move(message), std::move(hint));
  error.field = name;
  return error;
}

std::int64_t number(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

}  // namespace

Result<> ServerConfig::check() const {
  if (!IpAddress::parse(address)) {
    return fail(
        bad_field("address", "\"" + address + "\" is not a numeric IP address", "use 127.0.0.1 or ::1"));
  }
  if (tls_certificate_file.empty() != tls_key_file.empty()) {
    return fail(bad_field(tls_key_file.empty() ? "tls_key_file" : "tls_certificate_file",
                          "a certificate and its key go together", "set both, or neither"));
  }
  constexpr std::int64_t kMiB = 1024 * 1024;
  constexpr std::int64_t kDay = 24 * 3'600 * 1'000;
  const Bound bounds[] = {
      {"connections_max", number(connections_max), 1, 1'000'000},
      {"head_size_max", number(head_size_max), 1'024, kMiB},
      {"fields_max", number(fields_max), 8, 1'000},
      {"target_size_max", number(target_size_max), 64, number(head_size_max)},
      {"body_size_max", number(body_size_max), 1, 64 * 1'024 * kMiB},
      {"body_drain_max", number(body_drain_max), 0, kMiB},
      {"h2_streams_max", h2_streams_max, 1, 10'000},
      {"h2_stream_window_bytes", h2_stream_window_bytes, 16'384, 16 * kMiB},
      {"h2_connection_window_bytes", h2_connection_window_bytes, 65'535, 64 * kMiB},
      {"h2_abuse_frames_max", number(h2_abuse_frames_max), 10, 100'000},
      {"body_rate_min", number(body_rate_min), 1, kMiB},
      {"head_timeout", head_timeout.count(), 1, kDay},
      {"body_idle_timeout", body_idle_timeout.count(), 1, kDay},
      {"write_timeout", write_timeout.count(), 1, kDay},
      {"idle_timeout", idle_timeout.count(), 1, kDay},
      {"drain_timeout", drain_timeout.count(), 0, kDay},
  };
  for (const Bound& bound : bounds) {
    if (bound.value < bound.least || bound.value > bound.most) return fail(out_of_bounds(bound));
  }
  return {};
}

}  // namespace weir::net
