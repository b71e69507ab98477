// The configuration file: TOML 1.0, each value to its setting, each mistake with its place.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "main/config/load.h"
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
        if (auto good = set(*setting, node); !good) return good;
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
    error.message = name_ + ":" + std::to_string(where.begin.line) + ":" + std::to_string(where.begin.column) + ": " +
                    error.message;
    error.field = key;
    return error;
  }

 private:
  static bool is_section(const std::string& path) {
    return std::ranges::any_of(settings(), [&](const Setting& s) { return s.key.starts_with(path + "."); });
  }

  Result<> unknown(const std::string& path, const toml::source_region& where) const {
    std::string_view close = nearest(path, settings(), &Setting::key);
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

  Result<> set(const Setting& setting, const toml::node& node) {
    auto given = value_of(setting, node);
    if (!given) return fail(given);
    if (auto good = assign(setting, loaded_.config, *given); !good) {
      good.error().message = std::string(setting.key) + " " + good.error().message;
      return fail(at(node.source(), setting.key, good.error()));
    }
    loaded_.origins[setting.key] = {OriginKind::file, name_ + ":" + std::to_string(node.source().begin.line)};
    return {};
  }

  Result<Given> value_of(const Setting& setting, const toml::node& node) const {
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (node.is_string()) {
      auto text = text_of(setting, node);
      if (!text) return fail(text);
      return *std::move(text);
    }
    if (const auto* list = node.as_array()) {
      std::vector<std::string> texts;
      for (const auto& element : *list) {
        if (!element.is_string()) return wrong_type(setting, element, "an element is not text");
        auto text = text_of(setting, element);
        if (!text) return fail(text);
        texts.push_back(*std::move(text));
      }
      return texts;
    }
    return wrong_type(setting, node, node.is_table() ? "it is a section" : "it is neither text, number nor list");
  }

  Result<std::string> text_of(const Setting& setting, const toml::node& node) const {
    auto text = interpolate(node.as_string()->get(), environment_);
    if (text) return text;
    return fail(at(node.source(), setting.key, text.error()));
  }

  std::unexpected<Error> wrong_type(const Setting& setting, const toml::node& node, const std::string& why) const {
    return fail(at(node.source(), setting.key,
                   Error(Code::invalid_request,
                         std::string(setting.key) + " must be " + spoken_type(setting) + ", and " + why)));
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
    return fail(reader.at(error.source(), {}, Error(Code::invalid_request, std::string(error.description()))));
  }
  return reader.read(parsed.table(), {});
}

}  // namespace weir::main
