#include "main/config/load.h"

#include <doctest/doctest.h>

#include "main_temporary_directory.h"

using namespace weir;
using namespace weir::main;

namespace {

// The error of a file's text, as "message | hint".
std::string error_of(std::string_view text, const Environment& environment = {}) {
  LoadedConfig loaded;
  const auto outcome = apply_toml(loaded, text, "weir.toml", environment);
  if (outcome) return "no error";
  return outcome.error().message + (outcome.error().hint.empty() ? "" : " | " + outcome.error().hint);
}

LoadedConfig loaded_from(std::string_view text) {
  LoadedConfig loaded;
  REQUIRE(apply_toml(loaded, text, "weir.toml", {}));
  return loaded;
}

Error load_error(const ConfigSources& sources) {
  const auto outcome = load_config(sources);
  REQUIRE_FALSE(outcome);
  return outcome.error();
}

}  // namespace

TEST_CASE("every type of value reaches its field") {
  const auto [config, origins, file] = loaded_from(R"(
data_dir = "/var/lib/weir"
[server]
listen = "[::1]:9000"
loops = 3
head_size_max = "32KiB"
body_size_max = 4096
idle_timeout = "2m"
[edge]
allowed_origins = ["https://a.example", "http://localhost:3000"]
api_keys = ["one", "two"]
trusted_proxies = ["10.0.0.0/8"]
rate_limit = "5/1m"
hsts = false
[anthropic]
api_key = "sk-test"
tries_max = 5
[log]
level = "debug"
format = "pretty"
)");
  CHECK(config.data_dir == "/var/lib/weir");
  CHECK(config.server.address == "::1");
  CHECK(config.server.port == 9000);
  CHECK(config.loops == 3);
  CHECK(config.server.head_size_max == 32 * 1024);
  CHECK(config.server.body_size_max == 4096);
  CHECK(config.server.idle_timeout == std::chrono::minutes(2));
  CHECK(config.edge.allowed_origins ==
        std::vector<std::string>{"https://a.example", "http://localhost:3000"});
  CHECK(config.edge.static_keys.at(1).reveal() == "two");
  CHECK(config.edge.trusted_proxies.at(0).to_string() == "10.0.0.0/8");
  CHECK(config.edge.rate_limit.count == 5);
  CHECK_FALSE(config.edge.hsts);
  CHECK(config.gateway.anthropic.api_key.reveal() == "sk-test");
  CHECK(config.gateway.retry.tries_max == 5);
  CHECK(config.log.level == observe::Level::debug);
  CHECK(config.log.format == observe::LogFormat::pretty);
}

TEST_CASE("an unknown key is named with its place and the nearest known key") {
  CHECK(error_of("[server]\nlisten = \"127.0.0.1:1\"\n\n[chat]\nmodle = \"x\"\n") ==
        "weir.toml:5:1: unknown key \"chat.modle\" | did you mean \"chat.model\"?");
  CHECK(error_of("[srver]\nlisten = \"x\"").starts_with("weir.toml:1:2: unknown key \"srver\""));
  CHECK(error_of("listen = \"127.0.0.1:1\"") ==
        "weir.toml:1:1: unknown key \"listen\" | did you mean \"server.listen\"?");
  CHECK(error_of("[chat.model]\nx = 1").starts_with("weir.toml:1:"));
  CHECK(error_of("zzzzzzzzzzzz = 1") ==
        "weir.toml:1:1: unknown key \"zzzzzzzzzzzz\" | `weir config reference` lists every key");
}

TEST_CASE("broken TOML is named with its place") {
  CHECK(error_of("[server]\nlisten = \n").starts_with("weir.toml:2:10: "));
  CHECK(error_of("[log]\nlevel = \"info\"\nlevel = \"warn\"\n").starts_with("weir.toml:3:"));
}

TEST_CASE("a wrong type says what the value must be") {
  CHECK(error_of("[server]\nloops = \"two\"") ==
        "weir.toml:2:9: server.loops must be a whole number, and is \"two\"");
  CHECK(error_of("[edge]\nhsts = 1") ==
        "weir.toml:2:8: edge.hsts must be true or false, and is a whole number");
  CHECK(error_of("[server]\nidle_timeout = 10") ==
        "weir.toml:2:16: server.idle_timeout must be a duration, and is a whole number | "
        "write a number and a unit: 250ms, 10s, 15m, 2h or 90d");
  CHECK(error_of("[server]\nhead_size_max = \"16MB\"") ==
        "weir.toml:2:17: server.head_size_max must be a size, and is \"16MB\" | "
        "write a number and a unit: 512B, 64KiB, 16MiB or 1GiB");
  CHECK(error_of("[edge]\nrate_limit = \"100\"") ==
        "weir.toml:2:14: edge.rate_limit must be a rate, and is \"100\" | "
        "write requests/window, such as \"100/15m\", or \"off\"");
  CHECK(error_of("[edge]\nallowed_origins = \"https://a.example\"").find("must be a list of texts") !=
        std::string::npos);
  CHECK(error_of("[edge]\nallowed_origins = [1]") ==
        "weir.toml:2:20: edge.allowed_origins must be a list of texts, and an element is not text");
  CHECK(error_of("[log]\nlevel = \"loud\"") ==
        "weir.toml:2:9: log.level must be debug, info, warn or error, and is \"loud\"");
  CHECK(error_of("[chat]\nmax_tokens = 1.5") ==
        "weir.toml:2:14: chat.max_tokens must be a whole number, and it is neither text, number nor list");
}

TEST_CASE("a secret of the wrong type is not printed") {
  CHECK(error_of("[anthropic]\napi_key = 12345").find("12345") == std::string::npos);
  CHECK(error_of("[edge]\napi_keys = \"12345\"") ==
        "weir.toml:2:12: edge.api_keys must be a list of secret texts, and is text");
}

TEST_CASE("values out of bounds are refused with the bounds") {
  CHECK(error_of("[server]\nloops = 1000") == "weir.toml:2:9: server.loops must be 0 to 256");
  CHECK(error_of("[server]\nloops = -1") == "weir.toml:2:9: server.loops must be 0 to 256");
  CHECK(error_of("[server]\nhead_size_max = \"1GiB\"") ==
        "weir.toml:2:17: server.head_size_max must be 1KiB to 1MiB");
  CHECK(error_of("[server]\nidle_timeout = \"2h\"") ==
        "weir.toml:2:16: server.idle_timeout must be 100ms to 1h");
}

TEST_CASE("allowed origins are exact") {
  for (const char* good : {"https://a.example", "http://localhost:3000", "https://[::1]:8443"}) {
    CHECK(error_of("[edge]\nallowed_origins = [\"" + std::string(good) + "\"]") == "no error");
  }
  for (const char* wrong : {"*", "https://*.example", "a.example", "https://a.example/", "https://A.example",
                            "null", "https://a.example:0", "https://", "ftp://a.example",
                            "https://u@a.example", "https://a.example:443", "http://a.example:80"}) {
    CAPTURE(wrong);
    CHECK(error_of("[edge]\nallowed_origins = [\"" + std::string(wrong) + "\"]").starts_with("weir.toml:2:"));
  }
}

TEST_CASE("references are resolved, and their errors have a place") {
  LoadedConfig loaded;
  REQUIRE(apply_toml(loaded, "[chat]\nmodel = \"${MODEL:-claude-haiku-5-5}\"", "weir.toml", {}));
  CHECK(loaded.config.chat.model == "claude-haiku-5-5");
  CHECK(error_of("[chat]\nmodel = \"${MODEL}\"") ==
        "weir.toml:2:9: the environment variable MODEL is not set | set it, or give a default: "
        "${MODEL:-default}");
}

TEST_CASE("flag beats environment beats file beats default, and each value knows its origin") {
  const TemporaryDirectory directory;
  ConfigSources sources;
  sources.file = directory.write("my.toml", "[server]\nlisten = \"127.0.0.1:1\"\n[log]\nlevel = \"warn\"\n");
  auto loaded = load_config(sources);
  REQUIRE(loaded);
  CHECK(loaded->config.server.port == 1);
  CHECK(loaded->origin("server.listen").to_string() == sources.file + ":2");
  CHECK(loaded->origin("chat.model").to_string() == "default");

  sources.environment["WEIR_LISTEN"] = "127.0.0.1:2";
  loaded = load_config(sources);
  CHECK(loaded->config.server.port == 2);
  CHECK(loaded->origin("server.listen").to_string() == "WEIR_LISTEN");

  sources.flags["--listen"] = "127.0.0.1:3";
  loaded = load_config(sources);
  CHECK(loaded->config.server.port == 3);
  CHECK(loaded->origin("server.listen").to_string() == "--listen");
  CHECK(loaded->origin("log.level").to_string() == sources.file + ":4");
}

TEST_CASE("WEIR_CONFIG names the file; one that is named must be there") {
  const TemporaryDirectory directory;
  ConfigSources sources;
  sources.environment["WEIR_CONFIG"] = directory.write("a.toml", "[chat]\nmax_tokens = 7\n");
  CHECK(load_config(sources)->config.chat.max_tokens == 7);
  sources.file = directory.path() + "/none.toml";
  CHECK(load_error(sources).message == "cannot read " + sources.file + ": No such file or directory");
}

TEST_CASE("the environment: lists, rates, levels, and names with _FILE") {
  const TemporaryDirectory directory;
  ConfigSources sources;
  sources.environment = {{"ALLOWED_ORIGINS", "https://a.example, https://b.example,"},
                         {"VALID_API_KEYS_FILE", directory.write("keys", "one,two\n")},
                         {"WEIR_RATE_LIMIT", "off"},
                         {"WEIR_LOG_LEVEL", "error"},
                         {"ANTHROPIC_BASE_URL", "http://127.0.0.1:9/prefix"},
                         {"ANTHROPIC_API_KEY", ""}};
  const auto loaded = load_config(sources);
  REQUIRE(loaded);
  CHECK(loaded->config.edge.allowed_origins.size() == 2);
  CHECK(loaded->config.edge.static_keys.at(1).reveal() == "two");
  CHECK(loaded->config.edge.keys_required);
  CHECK_FALSE(loaded->config.edge.rate_limit_enabled);
  CHECK(loaded->config.log.level == observe::Level::error);
  CHECK(loaded->config.gateway.anthropic.base_url == "http://127.0.0.1:9/prefix");
  CHECK(loaded->config.gateway.anthropic.api_key.empty());
  CHECK(loaded->origin("anthropic.api_key").to_string() == "default");
}

TEST_CASE("mistakes in the environment name the variable") {
  CHECK(load_error({.environment = {{"WEIR_RATE_LIMIT", "fast"}}})
            .message.starts_with("WEIR_RATE_LIMIT: must be a rate"));
  CHECK(load_error({.environment = {{"ALLOWED_ORIGINS", "*"}}})
            .message.starts_with("ALLOWED_ORIGINS: must name each origin"));
  CHECK(load_error({.environment = {{"ANTHROPIC_BASE_URL", "api.example"}}})
            .message.starts_with("ANTHROPIC_BASE_URL: "));
  CHECK(load_error({.environment = {{"ANTHROPIC_API_KEY", "a"}, {"ANTHROPIC_API_KEY_FILE", "/b"}}}).message ==
        "ANTHROPIC_API_KEY and ANTHROPIC_API_KEY_FILE are both set");
  CHECK(load_error({.environment = {{"ANTHROPIC_API_KEY_FILE", "/no/such"}}}).message ==
        "ANTHROPIC_API_KEY_FILE: cannot read /no/such: No such file or directory");
  CHECK(
      load_error({.flags = {{"--listen", "8080"}}}).message.starts_with("--listen: must be an address:port"));
}

TEST_CASE("a signing key without its secret stops the start, and is not repeated") {
  for (const char* wrong : {"AKIAEXAMPLE", "=secret", "AKIAEXAMPLE="}) {
    const Error error = load_error({.environment = {{"WEIR_SIGNING_KEYS", wrong}}});
    CHECK(error.message.starts_with("WEIR_SIGNING_KEYS: has an entry that is not"));
    CHECK_FALSE(error.message.contains(wrong));
    CHECK(error.hint.contains("ID=SECRET"));
  }
  CHECK(load_config({.environment = {{"WEIR_SIGNING_KEYS", "AKIAEXAMPLE=secret"}}}));
}

TEST_CASE("what is not supported yet stops the start by name") {
  for (const char* name : {"DATABASE_URL", "REDIS_URL", "PINECONE_API_KEY", "PINECONE_INDEX_NAME",
                           "LOG_ENDPOINT", "COST_TRACKING_ENDPOINT", "DD_AGENT_HOST"}) {
    for (const char* suffix : {"", "_FILE"}) {
      const std::string variable = std::string(name) + suffix;
      const Error error = load_error({.environment = {{variable, "x"}}});
      CHECK(error.message.starts_with(variable + " is set, and this version of Weir does not support "));
      CHECK(error.hint == "unset " + variable + " to run without it");
    }
    CHECK(load_config({.environment = {{name, ""}}}));
  }
}

TEST_CASE("TLS needs the certificate and the key") {
  const TemporaryDirectory directory;
  ConfigSources sources;
  sources.file = directory.write("a.toml", "[server]\ntls_key_file = \"k.pem\"\n");
  const Error error = load_error(sources);
  CHECK(error.message ==
        sources.file + ":2: server.tls_key_file is set and server.tls_certificate_file is not");
  CHECK(error.field == "server.tls_certificate_file");
}

TEST_CASE("values that two modules share are set once") {
  const TemporaryDirectory directory;
  ConfigSources sources;
  sources.file =
      directory.write("a.toml", "[edge]\nmessage_chars_max = 5\ndocument_body_size_max = \"2MiB\"\n");
  const auto loaded = load_config(sources);
  REQUIRE(loaded);
  CHECK(loaded->config.chat.message_chars_max == 5);
  CHECK(loaded->config.library.document_size_max == 2 << 20);
}

TEST_CASE("an address that others reach needs a key") {
  Config config;
  CHECK(check_exposure(config, false));
  CHECK_FALSE(config.edge.keys_required);
  for (const char* address : {"0.0.0.0", "::", "192.168.1.5"}) {
    config.server.address = address;
    const auto refused = check_exposure(config, false);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("no API key exists") != std::string::npos);
    CHECK(refused.error().field == "server.listen");
    CHECK(check_exposure(config, true));
    CHECK(config.edge.keys_required);
  }
  config.edge.static_keys.emplace_back("key");
  CHECK(check_exposure(config, false));
}
