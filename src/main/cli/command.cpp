#include "main/cli/command.h"

#include <algorithm>

#include "main/nearest.h"

namespace weir::main {
namespace {

std::unexpected<Error> usage(std::string message, std::string hint = {}) {
  return fail(Code::invalid_request, std::move(message), std::move(hint));
}

}  // namespace

Result<Arguments> parse_arguments(const Command& command, std::span<const std::string> words) {
  Arguments out;
  bool only_positionals = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (only_positionals || !word.starts_with('-') || word == "-") {
      out.positionals.emplace_back(word);
      continue;
    }
    if (word == "--") {
      only_positionals = true;
      continue;
    }
    const auto equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const auto flag = std::ranges::find(command.flags, name, &Flag::name);
    if (flag == command.flags.end()) {
      const std::string_view close = nearest(name, command.flags, &Flag::name);
      return usage("unknown flag " + std::string(name),
                   close.empty() ? "" : "did you mean " + std::string(close) + "?");
    }
    std::string value;
    if (flag->value.empty()) {
      if (equals != std::string_view::npos) return usage(std::string(name) + " takes no value");
    } else if (equals != std::string_view::npos) {
      value = word.substr(equals + 1);
    } else if (i + 1 < words.size()) {
      value = words[++i];
    } else {
      return usage(std::string(name) + " needs a value: " + std::string(name) + " " +
                   std::string(flag->value));
    }
    if (!out.flags.emplace(name, std::move(value)).second)
      return usage(std::string(name) + " is given twice");
  }
  if (out.positionals.size() < command.positionals_min) {
    return usage(std::string(command.positionals) + " is missing");
  }
  if (out.positionals.size() > command.positionals_max) {
    return usage("\"" + out.positionals[command.positionals_max] + "\" is one argument too many");
  }
  return out;
}

int report(World& world, const Error& error) {
  world.err << "weir: " << error.message << '\n';
  if (!error.hint.empty()) world.err << "      " << error.hint << '\n';
  return kExitFailed;
}

Result<LoadedConfig> load_for(const Arguments& arguments, const World& world) {
  return load_config(
      {.flags = arguments.flags, .file = arguments.get("--config"), .environment = world.environment});
}

}  // namespace weir::main
