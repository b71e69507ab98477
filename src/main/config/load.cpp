#include "main/config/load.h"

#include <unistd.h>

#include <array>
#include <filesystem>

#include "base/ip.h"

namespace weir::main {
namespace {

constexpr std::string_view kDefaultFile = "weir.toml";

// Names that applications use for what this version does not do. To ignore one would be to lose data
// or money silently.
struct NotYet {
  std::string_view name, feature;
};
constexpr std::array<NotYet, 7> kNotYet = {{
    {"DATABASE_URL", "PostgreSQL"},
    {"REDIS_URL", "Redis"},
    {"PINECONE_API_KEY", "Pinecone"},
    {"PINECONE_INDEX_NAME", "Pinecone"},
    {"LOG_ENDPOINT", "shipping logs"},
    {"COST_TRACKING_ENDPOINT", "shipping costs"},
    {"DD_AGENT_HOST", "Datadog"},
}};

std::unexpected<Error> misplaced(const std::string& place, std::string_view key, Error error) {
  error.message = place + ": " + error.message;
  error.field = key;
  return fail(std::move(error));
}

// The value of NAME, or of the file that NAME_FILE names. Empty counts as not set.
Result<std::string> environment_value(const Environment& environment, std::string_view name) {
  const auto get = [&](const std::string& variable) {
    const auto found = environment.find(variable);
    return found == environment.end() ? std::string() : found->second;
  };
  const std::string file_name = std::string(name) + "_FILE";
  std::string value = get(std::string(name));
  const std::string path = get(file_name);
  if (path.empty()) return value;
  if (!value.empty()) {
    return fail(Code::invalid_request, std::string(name) + " and " + file_name + " are both set",
                "unset one of them");
  }
  auto content = read_value_file(path);
  if (!content) return misplaced(file_name, {}, content.error());
  return content;
}

Result<> refuse_not_yet(const Environment& environment) {
  for (const auto& [name, feature] : kNotYet) {
    for (const std::string_view suffix : {"", "_FILE"}) {
      const std::string variable = std::string(name) + std::string(suffix);
      const auto found = environment.find(variable);
      if (found == environment.end() || found->second.empty()) continue;
      return fail(
          Code::invalid_request,
          variable + " is set, and this version of Weir does not support " + std::string(feature) + " yet",
          "unset " + variable + " to run without it");
    }
  }
  return {};
}

Result<> apply_environment(LoadedConfig& loaded, const Environment& environment) {
  for (const Setting& setting : settings()) {
    if (setting.environment.empty()) continue;
    auto value = environment_value(environment, setting.environment);
    if (!value) return fail(value);
    if (value->empty()) continue;
    const std::string place(setting.environment);
    if (auto good = assign_text(setting, loaded.config, *value); !good)
      return misplaced(place, setting.key, good.error());
    loaded.origins[std::string(setting.key)] = {OriginKind::environment, place};
  }
  return {};
}

Result<> apply_flags(LoadedConfig& loaded, const std::map<std::string, std::string>& flags) {
  for (const Setting& setting : settings()) {
    const auto found = setting.flag.empty() ? flags.end() : flags.find(std::string(setting.flag));
    if (found == flags.end()) continue;
    const std::string place(setting.flag);
    if (auto good = assign_text(setting, loaded.config, found->second); !good) {
      return misplaced(place, setting.key, good.error());
    }
    loaded.origins[std::string(setting.key)] = {OriginKind::flag, place};
  }
  return {};
}

Result<> check_together(const LoadedConfig& loaded) {
  const net::ServerConfig& server = loaded.config.server;
  if (server.tls_certificate_file.empty() != server.tls_key_file.empty()) {
    const bool no_key = server.tls_key_file.empty();
    const std::string_view set = no_key ? "server.tls_certificate_file" : "server.tls_key_file";
    const std::string missing = no_key ? "server.tls_key_file" : "server.tls_certificate_file";
    return misplaced(loaded.origin(set).to_string(), missing,
                     Error(Code::invalid_request, std::string(set) + " is set and " + missing + " is not",
                           "TLS needs both; set " + missing + " too, or neither"));
  }
  auto good = loaded.config.gateway.check();
  if (good) return {};
  const Error& error = good.error();
  return misplaced(loaded.place_of(error.field), error.field, error);
}

// Values that two modules need are set once.
void derive(Config& config) {
  config.chat.message_chars_max = config.edge.message_chars_max;
  config.library.document_size_max = config.edge.document_body_size_max;
  config.url_fetch.size_max = config.edge.document_body_size_max;
  config.edge.keys_required = !config.edge.static_keys.empty() || !config.edge.signing_keys.empty();
}

}  // namespace

std::string Origin::to_string() const {
  return kind == OriginKind::standard ? "default" : detail;
}

Origin LoadedConfig::origin(std::string_view key) const {
  const auto found = origins.find(key);
  return found == origins.end() ? Origin{} : found->second;
}

std::string LoadedConfig::place_of(std::string_view key) const {
  // A key that was not set stands where its row begins: at the first key of the row that was.
  for (std::string_view part = key; !part.empty(); part = part.substr(0, part.find_last_of(".["))) {
    const auto exact = origins.find(part);
    if (exact != origins.end()) return exact->second.to_string();
    const std::string prefix = std::string(part) + ".";
    const auto inside = origins.lower_bound(prefix);
    if (inside != origins.end() && inside->first.starts_with(prefix)) return inside->second.to_string();
    if (part.find_last_of(".[") == std::string_view::npos) break;
  }
  return file.empty() ? "configuration" : file;
}

Result<LoadedConfig> load_config(const ConfigSources& sources) {
  if (auto good = refuse_not_yet(sources.environment); !good) return fail(good);
  LoadedConfig loaded;
  loaded.file = sources.file;
  if (loaded.file.empty()) {
    if (const auto named = sources.environment.find("WEIR_CONFIG"); named != sources.environment.end()) {
      loaded.file = named->second;
    }
  }
  std::error_code ec;
  if (loaded.file.empty() && std::filesystem::exists(kDefaultFile, ec)) loaded.file = kDefaultFile;
  if (!loaded.file.empty()) {
    const auto text = read_small_file(loaded.file);
    if (!text) return fail(text.error());
    if (auto good = apply_toml(loaded, *text, loaded.file, sources.environment); !good) return fail(good);
  }
  if (auto good = apply_environment(loaded, sources.environment); !good) return fail(good);
  if (auto good = apply_flags(loaded, sources.flags); !good) return fail(good);
  derive(loaded.config);
  if (loaded.config.gateway.bedrock.region.empty()) {
    // The other name that AWS's SDKs know; a shell that calls AWS may have either.
    const auto region = sources.environment.find("AWS_DEFAULT_REGION");
    if (region != sources.environment.end()) loaded.config.gateway.bedrock.region = region->second;
  }
  if (auto good = check_together(loaded); !good) return fail(good);
  return loaded;
}

Result<> check_exposure(Config& config, bool any_keys) {
  const auto address = IpAddress::parse(config.server.address);
  const bool loopback = address && address->is_loopback();
  const bool has_keys = any_keys || !config.edge.static_keys.empty() || !config.edge.signing_keys.empty();
  if (!loopback && !has_keys) {
    Error error(
        Code::invalid_request,
        config.server.address + " can be reached by others, and no API key exists: anyone could spend on it",
        "make one with `weir keys create --name NAME`, set VALID_API_KEYS, or listen on 127.0.0.1");
    error.field = "server.listen";
    return fail(std::move(error));
  }
  config.edge.keys_required = has_keys;
  return {};
}

Environment process_environment() {
  Environment out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

}  // namespace weir::main
