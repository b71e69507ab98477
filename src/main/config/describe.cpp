#include "main/config/describe.h"

#include "main/config/table.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"

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

std::string in_code(std::string_view text) {
  return text.empty() ? "" : "`" + std::string(text) + "`";
}

// One setting that has a value: of the flat ones, or of a row that is there.
struct Shown {
  std::string key;
  const Setting* setting;
  Row row;
};

std::vector<Shown> all_shown(const Config& config) {
  std::vector<Shown> out;
  for (const Setting& setting : settings()) out.push_back({std::string(setting.key), &setting, {}});
  for_each_row(config, [&](const Table& table, Row row) {
    const std::string path = row_path(table, config, row) + ".";
    for (const Setting& field : table.fields) out.push_back({path + std::string(field.key), &field, row});
  });
  return out;
}

void append_row(std::string& out, const Setting& setting) {
  const Config& defaults = sample_config();
  std::string type(type_name(setting));
  if (const std::string bounds = bounds_text(setting); !bounds.empty()) type += ", " + bounds;
  std::string environment = in_code(setting.environment);
  if (!setting.flag.empty()) environment += (environment.empty() ? "" : ", ") + in_code(setting.flag);
  const std::string_view name = setting.key.substr(setting.key.rfind('.') + 1);
  out += "| " + in_code(name) + " | " + type + " | " + in_code(format(setting, defaults)) + " | " +
         environment + " | " + std::string(setting.doc) + " |\n";
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

json::object object_schema(json::object properties) {
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
}

// The rows of a table with their inner tables.
json::object table_schema(const Table& table) {
  json::object properties;
  for (const Setting& field : table.fields) properties[field.key] = schema_of(field);
  const std::string prefix = std::string(table.key) + ".";
  for (const Table& inner : tables()) {
    if (inner.key.starts_with(prefix)) properties[inner.key.substr(prefix.size())] = table_schema(inner);
  }
  json::object row = object_schema(std::move(properties));
  if (table.named) {
    return {{"description", table.doc}, {"type", "object"}, {"additionalProperties", std::move(row)}};
  }
  return {{"description", table.doc}, {"type", "array"}, {"items", std::move(row)}};
}

}  // namespace

std::string show_text(const LoadedConfig& loaded) {
  const std::vector<Shown> shown = all_shown(loaded.config);
  std::size_t width = 0;
  for (const Shown& entry : shown) width = std::max(width, entry.key.size());
  std::string out;
  for (const Shown& entry : shown) {
    std::string line(entry.key);
    line.append(width + 2 - line.size(), ' ');
    line += format(*entry.setting, loaded.config, entry.row);
    line.append(line.size() < width + 34 ? width + 34 - line.size() : 2, ' ');
    out += line + loaded.origin(entry.key).to_string() + "\n";
  }
  return out;
}

json::value show_json(const LoadedConfig& loaded) {
  json::array out;
  for (const Shown& entry : all_shown(loaded.config)) {
    out.push_back({{"key", entry.key},
                   {"value", to_json_value(*entry.setting, loaded.config, entry.row)},
                   {"origin", loaded.origin(entry.key).to_string()}});
  }
  return out;
}

std::string fingerprint(const Config& config) {
  std::string text;
  for (const Shown& entry : all_shown(config)) {
    if (entry.key == "data_dir" || entry.key == "server.listen") continue;
    text += entry.key + "=" + format(*entry.setting, config, entry.row) + "\n";
  }
  return to_hex(sha256(text)).substr(0, 16);
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
      properties[section] = object_schema({});
    }
    properties[section].at("properties").as_object()[setting.key.substr(section.size() + 1)] =
        schema_of(setting);
  }
  for (const Table& table : tables()) {
    if (table.key.find('.') == std::string_view::npos) properties[table.key] = table_schema(table);
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
  constexpr std::string_view columns =
      "\n| key | type | default | environment, flag | what it is |\n|---|---|---|---|---|\n";
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
  for (const Table& table : tables()) {
    const std::string key(table.key);
    out += "\n## " + (table.named ? "[" + key + ".NAME]" : "[[" + key + "]]") + "\n\n" +
           std::string(table.doc) + "\n";
    out += columns;
    for (const Setting& field : table.fields) append_row(out, field);
  }
  return out;
}

}  // namespace weir::main
