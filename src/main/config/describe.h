// main/config/describe.h: the configuration told to people and tools. Pure: text out of the table.
#pragma once

#include <string>

#include "base/json.h"
#include "main/config/load.h"

namespace weir::main {

// One line per setting: key, value, origin. Secrets as "(set)".
std::string show_text(const LoadedConfig& loaded);
json::value show_json(const LoadedConfig& loaded);
// 16 hexadecimal digits that are the same wherever all settings are, without secrets' values and without where
// it runs (data_dir, server.listen): by it one sees whether replicas are configured alike.
std::string fingerprint(const Config& config);
// JSON Schema (draft-07, which editors' TOML plug-ins read), indented.
std::string schema_text();
// The Markdown of docs/configuration.md.
std::string reference_text();

}  // namespace weir::main
