#include "main/cli/commands.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "main/nearest.h"

namespace weir::main {
namespace {

// In the order in which `weir help` lists them.
constexpr std::array kCommands = {
    &kServeCommand,           &kIngestCommand,     &kChatCommand,           &kEmbedCommand,
    &kExplainCommand,         &kRecordCommand,     &kSelftestCommand,       &kCheckCommand,
    &kDoctorCommand,          &kKeysCreateCommand, &kKeysListCommand,       &kKeysRevokeCommand,
    &kKeysRotateCommand,      &kConfigShowCommand, &kConfigValidateCommand, &kConfigSchemaCommand,
    &kConfigReferenceCommand, &kUpstreamCommand,   &kVersionCommand,
};

constexpr std::array<std::string_view, 2> kGroups = {"keys", "config"};

std::string_view name_of(const Command* command) {
  return command->name;
}

bool is_help(std::string_view word) {
  return word == "-h" || word == "--help";
}

void append_columns(std::string& out, std::string_view left, std::string_view right, std::size_t width) {
  out += "  ";
  out += left;
  out.append(count_code_points(left) < width ? width - count_code_points(left) : 0, ' ');
  out += "  ";
  out += right;
  out += '\n';
}

std::string overview() {
  std::string out =
      "Weir: the production layer for applications built with Claude.\n\nUsage: weir COMMAND "
      "[flags]\n\nCommands:\n";
  std::size_t width = 0;
  for (const Command* command : kCommands) width = std::max(width, command->name.size());
  for (const Command* command : kCommands) append_columns(out, command->name, command->summary, width);
  append_columns(out, "help", "explain a command: weir help COMMAND", width);
  return out + "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 the server does not answer.\n";
}

std::string help_of(const Command& command) {
  std::string out(command.summary);
  out += "\n\nUsage: weir " + std::string(command.name);
  if (!command.flags.empty()) out += " [flags]";
  if (!command.positionals.empty()) out += " " + std::string(command.positionals);
  out += '\n';
  if (!command.flags.empty()) out += "\nFlags:\n";
  const auto left = [](const Flag& flag) {
    return std::string(flag.name) + (flag.value.empty() ? "" : " " + std::string(flag.value));
  };
  std::size_t width = 0;
  for (const Flag& flag : command.flags) width = std::max(width, left(flag).size());
  for (const Flag& flag : command.flags) append_columns(out, left(flag), flag.doc, width);
  if (!command.help.empty()) out += "\n" + std::string(command.help);
  return out;
}

// The command that the first one or two words name, and how many of them its name takes.
struct Chosen {
  const Command* command = nullptr;
  std::size_t words = 0;
};

Chosen choose(std::span<const std::string> words) {
  for (const std::size_t count : {std::size_t{2}, std::size_t{1}}) {
    if (words.size() < count) continue;
    const std::string name = count == 2 ? words[0] + " " + words[1] : words[0];
    const auto found = std::ranges::find(kCommands, name, name_of);
    if (found != kCommands.end()) return {*found, count};
  }
  return {};
}

// "keys" alone: the commands of that group; empty when there is no such group.
std::string group_help(std::string_view group) {
  std::string out;
  for (const Command* command : kCommands) {
    if (command->name.starts_with(std::string(group) + " "))
      append_columns(out, command->name, command->summary, 16);
  }
  return out;
}

int unknown(std::span<const std::string> words, World& world) {
  const std::string group = group_help(words[0]);
  const bool alone = words.size() == 1 || words[1].starts_with('-');
  if (!group.empty() && alone) {
    const bool asked = words.size() > 1 && is_help(words[1]);
    (asked ? world.out : world.err) << "weir " << words[0] << " needs to know what to do:\n" << group;
    return asked ? kExitOk : kExitUsage;
  }
  const std::string name = group.empty() ? words[0] : words[0] + " " + words[1];
  world.err << "weir: unknown command \"" << name << "\"\n";
  std::string_view close = nearest(name, kCommands, name_of);
  if (close.empty()) close = nearest(name, kGroups, std::identity());
  if (!close.empty()) world.err << "      did you mean \"" << close << "\"?\n";
  world.err << "      `weir help` lists the commands\n";
  return kExitUsage;
}

}  // namespace

int run_command_line(std::span<const std::string> words, World& world) {
  if (words.empty()) {
    world.err << overview();
    return kExitUsage;
  }
  const bool asks_help = words[0] == "help" || is_help(words[0]);
  if (asks_help && words.size() == 1) {
    world.out << overview();
    return kExitOk;
  }
  if (asks_help) words = words.subspan(1);
  if (words[0] == "--version" || words[0] == "-V") {
    return kVersionCommand.run({}, world);
  }
  const Chosen chosen = choose(words);
  if (!chosen.command) {
    if (asks_help && words.size() == 1 && !group_help(words[0]).empty()) {
      world.out << "Commands:\n" << group_help(words[0]);
      return kExitOk;
    }
    return unknown(words, world);
  }
  const auto rest = words.subspan(chosen.words);
  const auto flags_end = std::ranges::find(rest, "--");
  if (asks_help || std::any_of(rest.begin(), flags_end, is_help)) {
    world.out << help_of(*chosen.command);
    return kExitOk;
  }
  const auto arguments = parse_arguments(*chosen.command, rest);
  if (!arguments) {
    report(world, arguments.error());
    world.err << "      `weir help " << chosen.command->name << "` shows its usage\n";
    return kExitUsage;
  }
  return chosen.command->run(*arguments, world);
}

}  // namespace weir::main
