// The configuration file: TOML 1.0, each value to its setting, each mistake with its place.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "main/config/load.h"
#include "main/config/table.h"
#include "main/nearest.h"

namespace weir::main {
namespace {

class TomlReader {
 public:
  TomlReader(LoadedConfig& loaded, std::string name, const Environment& environment)
      : loaded_(loaded), name_(std::move(name)), environment_(environment) {}

  Result<> read(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string path = prefix + std::string(key.str());
      if (const Setting* setting = find_setting(path)) {
        if (auto good = set(*setting, node, path, {}); !good) return good;
      } else if (const Table* rows = find_table(path)) {
        if (auto good = read_rows(*rows, node, path, {}); !good) return good;
      } else if (const toml::table* section = node.as_table(); section && is_section(path)) {
        if (auto good = read(*section, path + "."); !good) return good;
      } else {
        return unknown(path, key.source());
      }
    }
    return {};
  }

  // The error with its place before it.
  Error at(const toml::source_region& where, std::string_view key, Error error) const {
    error.message = name_ + ":" + std::to_string(where.begin.line) + ":" +
                    std::to_string(where.begin.column) + ": " + error.message;
    error.field = key;
    return error;
  }

 private:
  static bool is_section(const std::string& path) {
    return std::ranges::any_of(settings(), [&](const Setting& s) { return s.key.starts_with(path + "."); });
  }

  Result<> unknown(const std::string& path, const toml::source_region& where) const {
    std::string_view close = nearest(path, settings(), &Setting::key);
    if (close.empty()) close = nearest(path, tables(), &Table::key);
    if (close.empty()) {
      // The right name in the wrong section is as frequent as a mistyped one.
      const std::string_view leaf = std::string_view(path).substr(path.rfind('.') + 1);
      const auto leaf_of = [](const Setting& s) { return s.key.substr(s.key.rfind('.') + 1); };
      const std::string_view close_leaf = nearest(leaf, settings(), leaf_of);
      const auto found = std::ranges::find(settings(), close_leaf, leaf_of);
      if (!close_leaf.empty() && found != settings().end()) close = found->key;
    }
    return fail(at(where, path,
                   Error(Code::invalid_request, "unknown key \"" + path + "\"",
                         close.empty() ? "`weir config reference` lists every key"
                                       : "did you mean \"" + std::string(close) + "\"?")));
  }

  // [providers.NAME]…, or [[routes]]… and lists of inline tables.
  Result<> read_rows(const Table& table, const toml::node& node, const std::string& path, Row parent) {
    const toml::table* named = node.as_table();
    const toml::array* listed = node.as_array();
    if (table.named ? named == nullptr : listed == nullptr) {
      const std::string shape = table.named ? "[" + path + ".NAME]" : "[[" + std::string(table.key) + "]]";
      return fail(at(node.source(), path,
                     Error(Code::invalid_request, path + " must be tables, each under " + shape)));
    }
    if (table.named) {
      for (const auto& [name, row] : *named) {
        if (auto good = check_row_name(name.str()); !good) return fail(at(name.source(), path, good.error()));
        if (auto good = read_row(table, row, name.str(), path, parent); !good) return good;
      }
      return {};
    }
    for (const toml::node& row : *listed) {
      if (auto good = read_row(table, row, {}, path, parent); !good) return good;
    }
    return {};
  }

  Result<> read_row(const Table& table, const toml::node& node, std::string_view name,
                    const std::string& path, Row parent) {
    const toml::table* fields = node.as_table();
    if (fields == nullptr) {
      return fail(at(node.source(), path, Error(Code::invalid_request, path + " must hold tables only")));
    }
    const std::size_t index = table.size(loaded_.config, parent);
    if (index >= table.rows_max) {
      return fail(at(
          node.source(), path,
          Error(Code::invalid_request, path + " has more than " + std::to_string(table.rows_max) + " rows")));
    }
    table.add(loaded_.config, parent, name);
    const Row row = at_index(table, parent, index);
    const std::string row_at = row_path(table, loaded_.config, row);
    for (const auto& [key, value] : *fields) {
      const std::string field_path = row_at + "." + std::string(key.str());
      if (const Setting* setting = find_field(table, key.str())) {
        if (auto good = set(*setting, value, field_path, row); !good) return good;
      } else if (const Table* inner = find_table(std::string(table.key) + "." + std::string(key.str()))) {
        if (auto good = read_rows(*inner, value, field_path, row); !good) return good;
      } else {
        return unknown_field(table, field_path, key);
      }
    }
    return {};
  }

  Result<> unknown_field(const Table& table, const std::string& path, const toml::key& key) const {
    const std::string_view close = nearest(key.str(), table.fields, &Setting::key);
    return fail(at(key.source(), path,
                   Error(Code::invalid_request, "unknown key \"" + path + "\"",
                         close.empty() ? "`weir config reference` lists every key"
                                       : "did you mean \"" + std::string(close) + "\"?")));
  }

  // `path` is how the file calls the setting.
  Result<> set(const Setting& setting, const toml::node& node, const std::string& path, Row row) {
    auto given = value_of(setting, node, path);
    if (!given) return fail(given);
    if (auto good = assign(setting, loaded_.config, *given, row); !good) {
      good.error().message = path + " " + good.error().message;
      return fail(at(node.source(), path, good.error()));
    }
    loaded_.origins[path] = {OriginKind::file, name_ + ":" + std::to_string(node.source().begin.line)};
    return {};
  }

  Result<Given> value_of(const Setting& setting, const toml::node& node, const std::string& path) const {
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (node.is_string()) {
      auto text = text_of(node, path);
      if (!text) return fail(text);
      return *std::move(text);
    }
    if (const auto* list = node.as_array()) {
      std::vector<std::string> texts;
      for (const auto& element : *list) {
        if (!element.is_string()) return wrong_type(setting, element, path, "an element is not text");
        auto text = text_of(element, path);
        if (!text) return fail(text);
        texts.push_back(*std::move(text));
      }
      return texts;
    }
    return wrong_type(setting, node, path,
                      node.is_table() ? "it is a section" : "it is neither text, number nor list");
  }

  Result<std::string> text_of(const toml::node& node, const std::string& path) const {
    auto text = interpolate(node.as_string()->get(), environment_);
    if (text) return text;
    return fail(at(node.source(), path, text.error()));
  }

  std::unexpected<Error> wrong_type(const Setting& setting, const toml::node& node, const std::string& path,
                                    const std::string& why) const {
    return fail(at(node.source(), path,
                   Error(Code::invalid_request, path + " must be " + spoken_type(setting) + ", and " + why)));
  }

  LoadedConfig& loaded_;
  const std::string name_;
  const Environment& environment_;
};

}  // namespace

Result<> apply_toml(LoadedConfig& loaded, std::string_view text, const std::string& name,
                    const Environment& environment) {
  TomlReader reader(loaded, name, environment);
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return fail(
        reader.at(error.source(), {}, Error(Code::invalid_request, std::string(error.description()))));
  }
  return reader.read(parsed.table(), {});
}

}  // namespace weir::main
