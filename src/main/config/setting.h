// main/config/setting.h: one thing that can be set: where it is kept, what it may be, what it is for.
// The table of all of them is what the loader, `weir config` and the manual's reference are made from.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "main/config/config.h"

namespace weir::main {

// "ADDRESS:PORT"
struct ListenTarget {
  std::string* address;
  std::uint16_t* port;
};
// "100/15m", or "off"
struct RateTarget {
  bool* enabled;
  data::RateLimit* limit;
};

// Where a value goes; its type decides how the value is written in the file.
using Target =
    std::variant<std::string*, Secret*, bool*, std::optional<bool>*, int*, std::uint32_t*, std::int64_t*,
                 std::size_t*, std::chrono::milliseconds*, std::vector<std::string>*, std::vector<Secret>*,
                 std::vector<Cidr>*, observe::Level*, observe::LogFormat*, ListenTarget, RateTarget>;

enum class Unit : std::uint8_t { none, bytes };

struct Bounds {
  std::int64_t min = 0;  // of numbers; of sizes in bytes, of durations in milliseconds
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  Unit unit = Unit::none;
};

// Which row a setting of a table (main/config/table.h) belongs to: number `outer` of [[routes]], number
// `inner` of the [[routes.targets]] in it. Of no meaning to other settings.
struct Row {
  std::size_t outer = 0;
  std::size_t inner = 0;
};

struct Setting {
  std::string_view key;  // "section.name"; in a row of a table, the name alone
  Target (*field)(Config&, Row);
  Bounds bounds;
  std::string_view doc;               // one sentence
  std::string_view environment = {};  // also with "_FILE" appended: the name of a file that holds the value
  std::string_view flag = {};         // of `weir serve`
  // What more a text, or each text of a list, must be; null: nothing.
  Result<> (*check)(std::string_view) = nullptr;
};

std::span<const Setting> settings();
const Setting* find_setting(std::string_view key);

// A value as its source had it.
using Given = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;

// Puts the value where it belongs. The error says what the value must be, without place or key.
Result<> assign(const Setting& setting, Config& config, const Given& given, Row row = {});
// The same from text that has no type of its own (environment, flag): lists are separated by commas.
Result<> assign_text(const Setting& setting, Config& config, std::string_view text);

// The value as one would write it in the file, without quotes; secrets as "(set)", nothing as "".
std::string format(const Setting& setting, const Config& config, Row row = {});
json::value to_json_value(const Setting& setting, const Config& config, Row row = {});
// Every default, and one row in each table.
const Config& sample_config();
// "duration", "list of texts"…
std::string_view type_name(const Setting& setting);
// The same in a sentence: "a duration".
std::string spoken_type(const Setting& setting);
// "1 to 256", "1KiB to 1MiB"; empty when any value of the type will do.
std::string bounds_text(const Setting& setting);
// The property's part of the JSON Schema.
json::object schema_of(const Setting& setting);

}  // namespace weir::main
