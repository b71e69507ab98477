#include "main/config/describe.h"

#include <algorithm>

namespace weir::main {
namespace {

constexpr std::string_view kReferenceHead = R"(# Configuration

<!-- Written by `weir config reference`; change src/main/config/settings.cpp instead. -->

Weir starts without any configuration. What is set is taken from, the first that has it: a flag of the
command, the environment, the file, the default. `weir config show` prints every value with its origin,
`weir config validate` checks without starting, and `weir config schema` prints a JSON Schema for editors.

The file is TOML: the one that `--config` or `WEIR_CONFIG` names, else `weir.toml` in the working directory
when there is one. An unknown key, a wrong type or a value out of bounds stops the start and is named with
its line and column. [weir.example.toml](weir.example.toml) shows the common settings.

- **Durations** are a whole number and a unit: `250ms`, `10s`, `15m`, `2h`, `90d`.
- **Sizes** are a whole number and a unit (`512B`, `64KiB`, `16MiB`, `1GiB`), or a number of bytes.
- **Rates** are requests per window: `100/15m`; `off` switches the limit off.
- **Lists** are arrays in the file, and separated by commas in the environment.
- **References** in any text of the file: `${NAME}` is an environment variable, `${NAME:-text}` has a default,
  `${file:/path}` is the content of a file without its final newline, and `$${` is a literal `${`.
- **Environment names** work with `_FILE` appended too: the variable then names a file that holds the value.
  An empty variable counts as not set.

These names are refused, because what they ask for is not supported yet: `DATABASE_URL`, `REDIS_URL`,
`PINECONE_API_KEY`, `PINECONE_INDEX_NAME`, `LOG_ENDPOINT`, `COST_TRACKING_ENDPOINT`, `DD_AGENT_HOST`.
)";

std::string_view section_of(std::string_view key) {
  const auto dot = key.find('.');
  return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

std::string in_code(std::string_view text) { return text.empty() ? "" : "`" + std::string(text) + "`"; }

void append_row(std::string& out, const Setting& setting) {
  const Config defaults;
  std::string type(type_name(setting));
  if (const std::string bounds = bounds_text(setting); !bounds.empty()) type += ", " + bounds;
  std::string environment = in_code(setting.environment);
  if (!setting.flag.empty()) environment += (environment.empty() ? "" : ", ") + in_code(setting.flag);
  const std::string_view name = setting.key.substr(setting.key.rfind('.') + 1);
  out += "| " + in_code(name) + " | " + type + " | " + in_code(format(setting, defaults)) + " | " + environment + " | " +
         std::string(setting.doc) + " |\n";
}

// Boost.JSON prints compactly; an editor's schema is read by people too.
void append_indented(std::string& out, const json::value& value, std::size_t depth) {
  const auto* object = value.if_object();
  if (!object || object->empty()) {
    out += to_json(value);
    return;
  }
  out += "{\n";
  bool first = true;
  for (const auto& [name, member] : *object) {
    if (!first) out += ",\n";
    first = false;
    out.append(2 * (depth + 1), ' ');
    append_json_string(out, name);
    out += ": ";
    append_indented(out, member, depth + 1);
  }
  out += '\n';
  out.append(2 * depth, ' ');
  out += '}';
}

}  // namespace

std::string show_text(const LoadedConfig& loaded) {
  std::size_t width = 0;
  for (const Setting& setting : settings()) width = std::max(width, setting.key.size());
  std::string out;
  for (const Setting& setting : settings()) {
    std::string line(setting.key);
    line.append(width + 2 - line.size(), ' ');
    line += format(setting, loaded.config);
    line.append(line.size() < width + 34 ? width + 34 - line.size() : 2, ' ');
    out += line + loaded.origin(setting.key).to_string() + "\n";
  }
  return out;
}

json::value show_json(const LoadedConfig& loaded) {
  json::array out;
  for (const Setting& setting : settings()) {
    out.push_back({{"key", setting.key},
                   {"value", to_json_value(setting, loaded.config)},
                   {"origin", loaded.origin(setting.key).to_string()}});
  }
  return out;
}

std::string schema_text() {
  json::object properties;
  for (const Setting& setting : settings()) {
    const std::string_view section = section_of(setting.key);
    if (section.empty()) {
      properties[setting.key] = schema_of(setting);
      continue;
    }
    if (!properties.contains(section)) {
      properties[section] = {{"type", "object"}, {"additionalProperties", false}, {"properties", json::object()}};
    }
    properties[section].at("properties").as_object()[setting.key.substr(section.size() + 1)] = schema_of(setting);
  }
  const json::value schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                              {"title", "Weir's configuration file"},
                              {"type", "object"},
                              {"additionalProperties", false},
                              {"properties", std::move(properties)}};
  std::string out;
  append_indented(out, schema, 0);
  return out + "\n";
}

std::string reference_text() {
  constexpr std::string_view columns = "\n| key | type | default | environment, flag | what it is |\n|---|---|---|---|---|\n";
  std::string out(kReferenceHead);
  std::string_view current = "none yet";
  for (const Setting& setting : settings()) {
    const std::string_view section = section_of(setting.key);
    if (section != current) {
      out += section.empty() ? "\n## Top level\n" : "\n## [" + std::string(section) + "]\n";
      out += columns;
      current = section;
    }
    append_row(out, setting);
  }
  return out;
}

}  // namespace weir::main
