#include "main/config/setting.h"

#include <array>
#include <concepts>
#include <type_traits>

#include "base/text.h"
#include "main/config/table.h"
#include "main/config/units.h"

namespace weir::main {
namespace {

template <class T>
concept Number = std::integral<T> && !std::same_as<T, bool>;

constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 3> kFormats = {"auto", "json", "pretty"};

Result<> wrong(std::string message, std::string hint = {}) {
  return fail(Code::invalid_request, std::move(message), std::move(hint));
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

// How a value of this setting is written: the words for messages and the reference.
struct TypeName {
  Unit unit;
  std::string_view operator()(const std::string*) const { return "text"; }
  std::string_view operator()(const Secret*) const { return "secret text"; }
  std::string_view operator()(const bool*) const { return "true or false"; }
  std::string_view operator()(const std::optional<bool>*) const { return "true or false"; }
  template <Number N>
  std::string_view operator()(const N*) const {
    return unit == Unit::bytes ? "size" : "whole number";
  }
  std::string_view operator()(const std::chrono::milliseconds*) const { return "duration"; }
  std::string_view operator()(const std::vector<std::string>*) const { return "list of texts"; }
  std::string_view operator()(const std::vector<Secret>*) const { return "list of secret texts"; }
  std::string_view operator()(const std::vector<Cidr>*) const { return "list of networks"; }
  std::string_view operator()(const observe::Level*) const { return "debug, info, warn or error"; }
  std::string_view operator()(const observe::LogFormat*) const { return "auto, json or pretty"; }
  std::string_view operator()(const ListenTarget&) const { return "address:port"; }
  std::string_view operator()(const RateTarget&) const { return "rate"; }
};

std::string_view example_of(std::string_view type) {
  if (type == "duration") return "write a number and a unit: 250ms, 10s, 15m, 2h or 90d";
  if (type == "size") return "write a number and a unit: 512B, 64KiB, 16MiB or 1GiB";
  if (type == "rate") return "write requests/window, such as \"100/15m\", or \"off\"";
  if (type == "address:port")
    return "write a numeric address and a port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"";
  if (type == "list of networks") return "write addresses or networks, such as \"10.0.0.0/8\"";
  return {};
}

template <std::size_t N>
std::optional<std::size_t> index_of(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return i;
  }
  return std::nullopt;
}

struct Assign {
  const Setting& setting;
  const Given& given;

  Result<> wrong_type() const {
    static constexpr std::array<std::string_view, 4> kGiven = {"text", "a whole number", "true or false",
                                                               "a list"};
    const std::string_view type = type_name(setting);
    const auto* text = std::get_if<std::string>(&given);
    const bool secret = type.find("secret") != std::string_view::npos;
    return wrong("must be " + spoken_type(setting) + ", and is " +
                     (text && !secret ? quoted(*text) : std::string(kGiven[given.index()])),
                 std::string(example_of(type)));
  }
  Result<> within_bounds(std::int64_t value) const {
    if (value >= setting.bounds.min && value <= setting.bounds.max) return {};
    return wrong("must be " + bounds_text(setting));
  }
  Result<> checked(std::string_view text) const { return setting.check ? setting.check(text) : Result<>(); }

  Result<> operator()(std::string* target) const {
    const auto* text = std::get_if<std::string>(&given);
    if (!text) return wrong_type();
    if (auto good = checked(*text); !good) return good;
    *target = *text;
    return {};
  }
  Result<> operator()(Secret* target) const {
    const auto* text = std::get_if<std::string>(&given);
    if (!text) return wrong_type();
    *target = Secret(*text);
    return {};
  }
  Result<> operator()(bool* target) const {
    const auto* flag = std::get_if<bool>(&given);
    if (!flag) return wrong_type();
    *target = *flag;
    return {};
  }
  Result<> operator()(std::optional<bool>* target) const {
    const auto* flag = std::get_if<bool>(&given);
    if (!flag) return wrong_type();
    *target = *flag;
    return {};
  }
  template <Number N>
  Result<> operator()(N* target) const {
    std::optional<std::int64_t> value;
    if (const auto* whole = std::get_if<std::int64_t>(&given)) value = *whole;
    if (const auto* text = std::get_if<std::string>(&given); text && setting.bounds.unit == Unit::bytes) {
      value = parse_size(*text);
    }
    if (!value) return wrong_type();
    if (auto good = within_bounds(*value); !good) return good;
    WEIR_ASSERT(std::in_range<N>(*value));  // the table's bounds fit the field
    *target = static_cast<N>(*value);
    return {};
  }
  Result<> operator()(std::chrono::milliseconds* target) const {
    const auto* text = std::get_if<std::string>(&given);
    const auto value = text ? parse_duration(*text) : std::nullopt;
    if (!value) return wrong_type();
    if (auto good = within_bounds(value->count()); !good) return good;
    *target = *value;
    return {};
  }
  Result<> operator()(std::vector<std::string>* target) const {
    const auto* list = std::get_if<std::vector<std::string>>(&given);
    if (!list) return wrong_type();
    for (const std::string& text : *list) {
      if (auto good = checked(text); !good) return good;
    }
    *target = *list;
    return {};
  }
  Result<> operator()(std::vector<Secret>* target) const {
    const auto* list = std::get_if<std::vector<std::string>>(&given);
    if (!list) return wrong_type();
    target->clear();
    for (const std::string& text : *list) {
      if (text.empty()) return wrong("must not contain an empty text");
      if (auto good = checked(text); !good) return good;
      target->emplace_back(text);
    }
    return {};
  }
  Result<> operator()(std::vector<Cidr>* target) const {
    const auto* list = std::get_if<std::vector<std::string>>(&given);
    if (!list) return wrong_type();
    target->clear();
    for (const std::string& text : *list) {
      const auto network = Cidr::parse(text);
      if (!network)
        return wrong(quoted(text) + " is not an address or network",
                     std::string(example_of(type_name(setting))));
      target->push_back(*network);
    }
    return {};
  }
  Result<> operator()(observe::Level* target) const { return choose(kLevels, target); }
  Result<> operator()(observe::LogFormat* target) const { return choose(kFormats, target); }
  template <class Enum, std::size_t N>
  Result<> choose(const std::array<std::string_view, N>& names, Enum* target) const {
    const auto* text = std::get_if<std::string>(&given);
    const auto index = text ? index_of(names, *text) : std::nullopt;
    if (!index) return wrong_type();
    *target = static_cast<Enum>(*index);
    return {};
  }
  Result<> operator()(const ListenTarget& target) const {
    const auto* text = std::get_if<std::string>(&given);
    const auto endpoint = text ? parse_endpoint(*text) : std::nullopt;
    if (!endpoint) return wrong_type();
    *target.address = endpoint->address;
    *target.port = endpoint->port;
    return {};
  }
  Result<> operator()(const RateTarget& target) const {
    const auto* text = std::get_if<std::string>(&given);
    if (text && *text == "off") {
      *target.enabled = false;
      return {};
    }
    const auto rate = text ? parse_rate(*text) : std::nullopt;
    if (!rate) return wrong_type();
    *target.enabled = true;
    *target.limit = *rate;
    return {};
  }
};

// The value as JSON; what JSON has no type for, as the text one would write.
struct ToJson {
  Unit unit;
  json::value operator()(const std::string* text) const { return json::string(*text); }
  json::value operator()(const Secret* secret) const { return secret->empty() ? "" : "(set)"; }
  json::value operator()(const bool* flag) const { return *flag; }
  json::value operator()(const std::optional<bool>* flag) const {
    return *flag ? json::value(**flag) : json::value(nullptr);
  }
  template <Number N>
  json::value operator()(const N* number) const {
    if (unit == Unit::bytes) return json::string(format_size(static_cast<std::int64_t>(*number)));
    return static_cast<std::int64_t>(*number);
  }
  json::value operator()(const std::chrono::milliseconds* value) const {
    return json::string(format_duration(*value));
  }
  json::value operator()(const std::vector<std::string>* list) const {
    return json::array(list->begin(), list->end());
  }
  json::value operator()(const std::vector<Secret>* list) const { return json::array(list->size(), "(set)"); }
  json::value operator()(const std::vector<Cidr>* list) const {
    json::array out;
    for (const Cidr& network : *list) out.emplace_back(network.to_string());
    return out;
  }
  json::value operator()(const observe::Level* level) const {
    return json::string(kLevels[static_cast<std::size_t>(*level)]);
  }
  json::value operator()(const observe::LogFormat* f) const {
    return json::string(kFormats[static_cast<std::size_t>(*f)]);
  }
  json::value operator()(const ListenTarget& listen) const {
    return json::string(format_endpoint(*listen.address, *listen.port));
  }
  json::value operator()(const RateTarget& rate) const {
    return *rate.enabled ? json::value(json::string(format_rate(*rate.limit))) : json::value("off");
  }
};

}  // namespace

Result<> assign(const Setting& setting, Config& config, const Given& given, Row row) {
  return std::visit(Assign{setting, given}, setting.field(config, row));
}

Result<> assign_text(const Setting& setting, Config& config, std::string_view text) {
  const std::string_view type = type_name(setting);
  if (type.starts_with("list")) {
    std::vector<std::string> list;
    for (const std::string_view part : split(text, ',')) {
      if (!trim(part).empty()) list.emplace_back(trim(part));
    }
    return assign(setting, config, list);
  }
  if (type == "whole number") {
    if (const auto number = parse_int(text)) return assign(setting, config, *number);
  }
  if (type == "true or false" && (text == "true" || text == "false" || text == "1" || text == "0"))
    return assign(setting, config, text == "true" || text == "1");
  return assign(setting, config, std::string(text));
}

json::value to_json_value(const Setting& setting, const Config& config, Row row) {
  Config copy = config;  // a Target points to what can be changed; here it is only read
  return std::visit(ToJson{setting.bounds.unit}, setting.field(copy, row));
}

std::string format(const Setting& setting, const Config& config, Row row) {
  const json::value value = to_json_value(setting, config, row);
  if (value.is_null()) return {};
  if (const auto* text = value.if_string()) return std::string(*text);
  const auto* list = value.if_array();
  if (!list) return json::serialize(value);
  std::string out;
  for (const auto& element : *list) {
    if (!out.empty()) out += ", ";
    out += std::string_view(element.get_string());
  }
  return out;
}

const Config& sample_config() {
  static const Config sample = [] {
    Config config;
    for (const Table& table : tables()) table.add(config, {}, {});
    return config;
  }();
  return sample;
}

std::string_view type_name(const Setting& setting) {
  Config config = sample_config();
  return std::visit(TypeName{setting.bounds.unit}, setting.field(config, {}));
}

std::string spoken_type(const Setting& setting) {
  const std::string type(type_name(setting));
  if (type == "address:port") return "an " + type;
  const bool countable = type == "whole number" || type == "size" || type == "duration" || type == "rate";
  return countable || type.starts_with("list") ? "a " + type : type;
}

std::string bounds_text(const Setting& setting) {
  if (setting.bounds.max == Bounds{}.max) return {};
  const std::string_view type = type_name(setting);
  const auto spell = [&](std::int64_t value) {
    if (type == "duration") return format_duration(std::chrono::milliseconds(value));
    return type == "size" ? format_size(value) : std::to_string(value);
  };
  return spell(setting.bounds.min) + " to " + spell(setting.bounds.max);
}

json::object schema_of(const Setting& setting) {
  json::object out;
  out["description"] = setting.doc;
  const std::string_view type = type_name(setting);
  if (type.starts_with("list")) {
    out["type"] = "array";
    out["items"] = {{"type", "string"}};
  } else if (type == "true or false") {
    out["type"] = "boolean";
  } else if (type == "whole number") {
    out["type"] = "integer";
    out["minimum"] = setting.bounds.min;
    out["maximum"] = setting.bounds.max;
  } else if (type == "size") {
    out["type"] = {"string", "integer"};
  } else {
    out["type"] = "string";
  }
  if (setting.key == "log.level") out["enum"] = json::array(kLevels.begin(), kLevels.end());
  if (setting.key == "log.format") out["enum"] = json::array(kFormats.begin(), kFormats.end());
  if (!type.starts_with("secret") && !type.starts_with("list of secret"))
    out["default"] = to_json_value(setting, sample_config());
  if (out.contains("default") && out["default"].is_null()) out.erase("default");
  return out;
}

}  // namespace weir::main
