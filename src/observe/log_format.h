// observe/log_format.h: one log entry as one line, ending in '\n'. Control characters never leave as
// such, so that a value cannot forge an entry or drive a terminal (OWASP ASVS 16.4.1).
#pragma once

#include <string>
#include <string_view>

#include "observe/log.h"

namespace weir::observe {

constexpr std::size_t kLogTextMax = 8 * 1024;  // bytes of one text in an entry; what is longer is cut

std::string_view severity_text(Level level);  // "INFO"
int severity_number(Level level);             // OpenTelemetry's: debug 5, info 9, warn 13, error 17

// {"timestamp":…,"severity_text":…,"severity_number":…,"body":…,"event_name":…, attributes flat}.
std::string format_json(WallTime time, Level level, std::string_view message, const Attributes& attributes,
                        std::string_view event_name);
// 01:02:03.456 INFO  message                                  name=value name="two words"
std::string format_pretty(WallTime time, Level level, std::string_view message, const Attributes& attributes,
                          std::string_view event_name, bool colour);

}  // namespace weir::observe
