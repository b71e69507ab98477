#include "main/config/describe.h"

#include <doctest/doctest.h>

#include <set>

#include "base/text.h"
#include "main/nearest.h"

using namespace weir;
using namespace weir::main;

TEST_CASE("the table is in order: keys once, sections together, docs whole, defaults within bounds") {
  std::set<std::string_view> keys;
  std::set<std::string> sections;
  std::string current;
  for (const Setting& setting : settings()) {
    CAPTURE(setting.key);
    CHECK(keys.insert(setting.key).second);
    const std::string section(setting.key.substr(0, setting.key.find('.')));
    if (section != current) CHECK(sections.insert(section).second);
    current = section;
    CHECK(setting.doc.ends_with('.'));
    Config config;
    const std::string text = format(setting, config);
    if (!text.empty()) {
      const auto outcome = assign_text(setting, config, text);
      CHECK_MESSAGE(outcome.has_value(), text);
      CHECK(format(setting, config) == text);
    }
  }
}

TEST_CASE("show hides secrets and names origins") {
  LoadedConfig loaded;
  REQUIRE(apply_toml(loaded, "[anthropic]\napi_key = \"sk-1\"\n[edge]\napi_keys = [\"k1\", \"k2\"]",
                     "weir.toml", {}));
  const std::string text = show_text(loaded);
  CHECK(text.find("sk-1") == std::string::npos);
  CHECK(text.find("k1") == std::string::npos);
  CHECK(text.find("(set), (set)") != std::string::npos);
  CHECK(text.find("weir.toml:2") != std::string::npos);
  const std::string as_json = to_json(show_json(loaded));
  CHECK(as_json.find("sk-1") == std::string::npos);
  CHECK(as_json.find(R"json({"key":"anthropic.api_key","value":"(set)","origin":"weir.toml:2"})json") !=
        std::string::npos);
  CHECK(as_json.find(R"json({"key":"edge.rate_limit","value":"100/15m","origin":"default"})json") !=
        std::string::npos);
}

TEST_CASE("the schema knows every setting and admits no other") {
  const auto schema = parse_json(schema_text());
  REQUIRE(schema);
  for (const Setting& setting : settings()) {
    const json::value* at = &*schema;
    for (const std::string_view part : split(setting.key, '.')) {
      CHECK_FALSE(find_member(*at, "additionalProperties")->as_bool());
      at = find_member(*find_member(*at, "properties"), part);
      REQUIRE(at != nullptr);
    }
    CHECK(string_member(*at, "description") == setting.doc);
  }
}

TEST_CASE("docs/configuration.md and docs/weir.schema.json are what the program prints") {
  CHECK(read_small_file(WEIR_SOURCE_DIR "/docs/configuration.md") == reference_text());
  CHECK(read_small_file(WEIR_SOURCE_DIR "/docs/weir.schema.json") == schema_text());
}

TEST_CASE("the sample file loads, and changes no default") {
  const auto text = read_small_file(WEIR_SOURCE_DIR "/docs/weir.example.toml");
  REQUIRE(text);
  // Once as it stands, once with every commented setting switched on.
  LoadedConfig as_it_stands, switched_on;
  REQUIRE(apply_toml(as_it_stands, *text, "weir.example.toml", {}));
  CHECK(as_it_stands.origins.empty());
  std::string uncommented;
  for (std::string_view line : split(*text, '\n')) {
    const bool sets = line.starts_with("#[") || line.find(" = ") != std::string_view::npos;
    if (line.starts_with("#") && sets && !line.starts_with("# "))
      line.remove_prefix(1);
    uncommented += std::string(line) + "\n";
  }
  const auto outcome =
      apply_toml(switched_on, uncommented, "weir.example.toml", {{"ANTHROPIC_API_KEY", "x"}});
  CHECK_MESSAGE(outcome.has_value(), (outcome ? "" : outcome.error().message));
  CHECK(switched_on.origins.size() >= 10);
}

TEST_CASE("the nearest word, if any is near") {
  const std::vector<std::string_view> words = {"serve", "ingest", "chat", "keys"};
  CHECK(nearest("srve", words, std::identity()) == "serve");
  CHECK(nearest("injest", words, std::identity()) == "ingest");
  CHECK(nearest("configuration", words, std::identity()).empty());
}
