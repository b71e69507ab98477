// observe/log.h: structured log entries. Calling costs a formatted line and a short critical section;
// a thread of its own writes, and when its queue is full entries are dropped and counted.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace weir::observe {

enum class Level : std::uint8_t { debug, info, warn, error };
enum class LogFormat : std::uint8_t { automatic, json, pretty };  // automatic: pretty on a terminal

struct LogConfig {
  Level level = Level::info;
  LogFormat format = LogFormat::automatic;
  std::size_t queue_max = 65'536;  // entries
};

// A text of ours, such as an id: plain ASCII that needs no escape, and is written without a look at it.
struct Word {
  std::string_view text;
};
// Durations are written in milliseconds, with three decimals.
using AttributeValue =
    std::variant<std::string_view, Word, std::int64_t, double, bool, std::chrono::nanoseconds>;
struct Attribute {
  Attribute(std::string_view attribute_name, const char* text)
      : name(attribute_name), value(std::string_view(text)) {}
  Attribute(std::string_view attribute_name, std::string_view text) : name(attribute_name), value(text) {}
  Attribute(std::string_view attribute_name, const std::string& text)
      : name(attribute_name), value(std::string_view(text)) {}
  Attribute(std::string_view attribute_name, Word word) : name(attribute_name), value(word) {}
  Attribute(std::string_view attribute_name, std::chrono::nanoseconds duration)
      : name(attribute_name), value(duration) {}
  Attribute(std::string_view attribute_name, bool flag) : name(attribute_name), value(flag) {}
  Attribute(std::string_view attribute_name, double number) : name(attribute_name), value(number) {}
  template <std::integral I>
  Attribute(std::string_view attribute_name, I number)
      : name(attribute_name), value(static_cast<std::int64_t>(number)) {}
  std::string_view name;  // OpenTelemetry's semantic conventions where they have one
  AttributeValue value;
};
using Attributes = std::vector<Attribute>;

// Thread-safe. Views need to live only during the call.
class Log {
 public:
  // Writes to file descriptor `fd` (2: stderr).
  Log(LogConfig config, const Clock& clock, int fd = 2);
  ~Log();  // flushes
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool enabled(Level level) const;
  void write(Level level, std::string_view message, const Attributes& attributes,
             std::string_view event_name = {});
  void debug(std::string_view message, const Attributes& attributes = {}) {
    write(Level::debug, message, attributes);
  }
  void info(std::string_view message, const Attributes& attributes = {}) {
    write(Level::info, message, attributes);
  }
  void warn(std::string_view message, const Attributes& attributes = {}) {
    write(Level::warn, message, attributes);
  }
  void error(std::string_view message, const Attributes& attributes = {}) {
    write(Level::error, message, attributes);
  }

  // A value that must never appear in an entry: it is replaced by "[redacted]" wherever it stands.
  void redact(std::string_view secret);
  std::uint64_t dropped() const;
  void flush();  // waits until everything written before is out

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::observe
