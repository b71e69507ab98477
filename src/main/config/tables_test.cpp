#include "main/config/table.h"

#include <doctest/doctest.h>

#include <set>

#include "main/config/describe.h"
#include "main_temporary_directory.h"

using namespace weir;
using namespace weir::main;

namespace {

constexpr std::string_view kGood = R"(
[providers.eu]
kind = "anthropic"
base_url = "https://eu.example"
api_key = "sk-eu"
models = ["claude-*"]

[providers.local]
kind = "openai"
base_url = "http://127.0.0.1:11434/v1"

[[routes]]
name = "small"
models = ["auto"]
prompt_tokens_max = 2000
tools = false
headers = ["x-team: search*"]
targets = [{ provider = "eu", model = "claude-haiku-5-5" }, { provider = "local", model = "llama4", order = 1 }]

[[routes]]
total_timeout = "30s"
[[routes.targets]]
provider = "eu"
weight = 3
)";

std::string error_of(std::string_view text) {
  LoadedConfig loaded;
  const auto outcome = apply_toml(loaded, text, "weir.toml", {});
  if (outcome) return "no error";
  return outcome.error().message + (outcome.error().hint.empty() ? "" : " | " + outcome.error().hint);
}

// The error of a whole load, with the file's name shortened.
std::string load_error_of(const std::string& text) {
  const TemporaryDirectory directory;
  ConfigSources sources;
  sources.file = directory.write("weir.toml", text);
  const auto loaded = load_config(sources);
  if (loaded) return "no error";
  return loaded.error().message.substr(sources.file.size() - std::string_view("weir.toml").size());
}

}  // namespace

TEST_CASE("tables: the rows are in order, their docs whole, their defaults within bounds") {
  std::set<std::string_view> keys;
  for (const Table& table : tables()) {
    CAPTURE(table.key);
    CHECK(keys.insert(table.key).second);
    CHECK(find_setting(table.key) == nullptr);
    CHECK(table.doc.ends_with('.'));
    std::set<std::string_view> fields;
    for (const Setting& field : table.fields) {
      CAPTURE(field.key);
      CHECK(fields.insert(field.key).second);
      CHECK(field.doc.ends_with('.'));
      Config config = sample_config();
      const std::string text = format(field, config);
      if (!text.empty()) CHECK(assign_text(field, config, text).has_value());
      CHECK(format(field, config) == text);
    }
  }
}

TEST_CASE("tables: every row reaches its place") {
  LoadedConfig loaded;
  REQUIRE(apply_toml(loaded, kGood, "weir.toml", {}));
  const auto& providers = loaded.config.gateway.providers;
  REQUIRE(providers.size() == 2);
  CHECK(providers[0].name == "eu");
  CHECK(providers[0].api_key.reveal() == "sk-eu");
  CHECK(providers[1].base_url == "http://127.0.0.1:11434/v1");
  const auto& routes = loaded.config.gateway.routes;
  REQUIRE(routes.size() == 2);
  CHECK(routes[0].prompt_tokens_max == 2000);
  CHECK(routes[0].tools == false);
  CHECK_FALSE(routes[0].images.has_value());
  REQUIRE(routes[0].targets.size() == 2);
  CHECK(routes[0].targets[1].order == 1);
  CHECK(routes[1].total_timeout == std::chrono::seconds(30));
  CHECK(routes[1].targets.at(0).weight == 3);
  CHECK(loaded.origin("routes[0].models").to_string() == "weir.toml:14");
  CHECK(loaded.origin("routes[1].targets[0].weight").to_string() == "weir.toml:24");
}

TEST_CASE("tables: mistakes have their place and a word that helps") {
  CHECK(error_of("[providers.eu]\nkidn = \"anthropic\"") ==
        "weir.toml:2:1: unknown key \"providers.eu.kidn\" | did you mean \"kind\"?");
  CHECK(error_of("[[routes]]\n[[routes.targets]]\nprovidr = \"a\"") ==
        "weir.toml:3:1: unknown key \"routes[0].targets[0].providr\" | did you mean \"provider\"?");
  CHECK(error_of("[[routs]]\nname = \"a\"").find("did you mean \"routes\"?") != std::string::npos);
  CHECK(error_of("[routes]\nname = \"a\"") == "weir.toml:1:1: routes must be tables, each under [[routes]]");
  CHECK(error_of("providers = [\"eu\"]") ==
        "weir.toml:1:13: providers must be tables, each under [providers.NAME]");
  CHECK(error_of("[[routes]]\ntools = \"no\"") ==
        "weir.toml:2:9: routes[0].tools must be true or false, and is \"no\"");
  CHECK(error_of("[[routes]]\ntargets = [{ weight = 0 }]") ==
        "weir.toml:2:23: routes[0].targets[0].weight must be 1 to 1000");
  CHECK(error_of("[[routes]]\nheaders = [\"team\"]").find("is not a field and a pattern") !=
        std::string::npos);
  CHECK(error_of("[providers.\"e u\"]\nkind = \"x\"").find("is not a name") != std::string::npos);
  CHECK(error_of("[[routes]]\ntargets = [1]").find("must hold tables only") != std::string::npos);
  std::string many;
  for (int i = 0; i < 257; ++i) many += "[[routes]]\n";
  CHECK(error_of(many).find("has more than 256 rows") != std::string::npos);
}

TEST_CASE("tables: what does not fit together is refused at its line") {
  CHECK(load_error_of("[providers.eu]\nkind = \"athropic\"\napi_key = \"a\"\n") ==
        "weir.toml:2: providers.eu.kind must be one of \"anthropic\", \"openai\", \"bedrock\", "
        "\"bedrock_mantle\", \"claude_platform_aws\", \"vertex\", \"foundry\", and is \"athropic\"");
  CHECK(load_error_of("\n[providers.eu]\nkind = \"anthropic\"\n") ==
        "weir.toml:3: providers.eu.api_key is missing");
  CHECK(load_error_of("[providers.anthropic]\nbase_url = \"http://127.0.0.1:1\"\n") ==
        "weir.toml:2: providers.anthropic.api_key is missing");
}

TEST_CASE("tables: a provider called as a well-known one inherits its key") {
  const TemporaryDirectory directory;
  ConfigSources sources;
  sources.file = directory.write("weir.toml", "[providers.anthropic]\nbase_url = \"http://127.0.0.1:1\"\n");
  sources.environment = {{"ANTHROPIC_API_KEY", "sk-a"}, {"OPENAI_BASE_URL", "http://127.0.0.1:2/v1"}};
  const auto loaded = load_config(sources);
  REQUIRE(loaded);
  const auto all = loaded->config.gateway.all_providers();
  REQUIRE(all.size() == 2);
  CHECK(all[0].api_key.reveal() == "sk-a");
  CHECK(all[0].base_url == "http://127.0.0.1:1");
  CHECK(all[1].name == "openai");
}

TEST_CASE("tables: show names each row's settings and hides its secrets") {
  LoadedConfig loaded;
  REQUIRE(apply_toml(loaded, kGood, "weir.toml", {}));
  const std::string text = show_text(loaded);
  CHECK(text.find("sk-eu") == std::string::npos);
  CHECK(text.find("providers.eu.api_key") != std::string::npos);
  CHECK(text.find("routes[0].targets[1].model") != std::string::npos);
  const auto schema = parse_json(schema_text());
  REQUIRE(schema);
  const json::value& routes = *find_member(*find_member(*schema, "properties"), "routes");
  const json::value& targets =
      *find_member(*find_member(*find_member(routes, "items"), "properties"), "targets");
  CHECK(string_member(targets, "type") == "array");
  CHECK_FALSE(find_member(*find_member(targets, "items"), "additionalProperties")->as_bool());
}
