// main/cli/commands.h: the command line: every command, and the choice of one.
#pragma once

#include <span>
#include <string>

#include "main/cli/command.h"

namespace weir::main {

// One in each file of this directory.
extern const Command kServeCommand;
extern const Command kIngestCommand;
extern const Command kChatCommand;
extern const Command kCheckCommand;
extern const Command kDoctorCommand;
extern const Command kEmbedCommand;
extern const Command kKeysCreateCommand, kKeysListCommand, kKeysRevokeCommand, kKeysRotateCommand;
extern const Command kConfigShowCommand, kConfigValidateCommand, kConfigSchemaCommand,
    kConfigReferenceCommand;
extern const Command kExplainCommand;
extern const Command kRecordCommand;
extern const Command kSelftestCommand;
extern const Command kUpstreamCommand;
extern const Command kVersionCommand;

// Runs what the words after "weir" ask for, and returns the exit code.
int run_command_line(std::span<const std::string> words, World& world);

}  // namespace weir::main
