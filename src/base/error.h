// base/error.h: the one error type. A failure is a value; an exception is a bug or a cancelled task.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

// What went wrong, as the caller can act on it. The names are wire values: never renamed or reused.
enum class Code : std::uint8_t {
  invalid_request,    // the caller can fix it; hint says how
  unauthenticated,    // no key, or a wrong one
  permission_denied,  // the key is right, and is not allowed to do this
  not_found,          // absent, or not the caller's: we do not tell which
  method_not_allowed,
  conflict,
  too_large,          // over a limit that the message names
  unsupported_media_type,
  rate_limited,       // retry_after_ms is set
  overloaded,         // a queue or pool of ours is full; retry_after_ms is set
  unavailable,        // not configured, or draining
  upstream_failed,    // the provider answered with something we cannot use, or cannot be reached
  timed_out,          // a deadline passed; the work may have happened
  request_timeout,    // the caller sends its request too slowly
  cancelled,          // the caller went away
  internal,           // a bug of ours, or a broken disk
  gone,               // was there, and is not any more
};

// The wire name of a code, for example "rate_limited".
std::string_view to_string(Code code);

struct Error {
  // message names the field and the value's problem; hint says what to do about it.
  Error(Code error_code, std::string error_message, std::string error_hint = {})
      : code(error_code), message(std::move(error_message)), hint(std::move(error_hint)) {}

  Code code;
  std::string message;
  std::string hint;
  std::string field;                // the offending input field or configuration key, when there is one
  std::int64_t retry_after_ms = 0;  // 0: unknown
};

template <class T = void>
using Result = std::expected<T, Error>;

// `return fail(Code::invalid_request, "…");`
inline std::unexpected<Error> fail(Code code, std::string message, std::string hint = {}) {
  return std::unexpected<Error>(Error(code, std::move(message), std::move(hint)));
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

// Hands the error of one result on as another's: `if (!passages) co_return fail(passages);`
template <class T>
std::unexpected<Error> fail(Result<T>& failed) {
  return std::unexpected<Error>(std::move(failed.error()));
}

// Aborts with file and line when one of our own promises is broken. Never for input.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace weir

#define WEIR_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::weir::assertion_failed(#expression, __FILE__, __LINE__))
