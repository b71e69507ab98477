// weir keys create, list, revoke, rotate
#include "base/json.h"
#include "base/text.h"
#include "base/time_format.h"
#include "main/cli/commands.h"
#include "main/cli/workspace.h"
#include "main/config/units.h"
#include "main/nearest.h"

namespace weir::main {
namespace {

constexpr std::chrono::hours kOverlap{24};

constexpr Flag kCreateFlags[] = {
    {"--name", "NAME", "what the key is for; shown in lists and logs"},
    {"--scopes", "A,B", "of chat, documents, models, metrics, admin (default: the first three)"},
    {"--expires", "TIME", "such as 90d (default: never)"},
    kDataFlag,
    kConfigFlag,
    kJsonFlag};
constexpr Flag kListFlags[] = {kDataFlag, kConfigFlag, kJsonFlag};
constexpr Flag kRevokeFlags[] = {kDataFlag, kConfigFlag};
constexpr Flag kRotateFlags[] = {{"--overlap", "TIME", "how long the old secret stays valid (default: 24h)"},
                                 kDataFlag,
                                 kConfigFlag,
                                 kJsonFlag};

Result<std::unique_ptr<Workspace>> open_workspace(const Arguments& arguments, const World& world) {
  const auto loaded = load_for(arguments, world);
  if (!loaded) return fail(loaded.error());
  return Workspace::open(loaded->config);
}

int wrong_flag(World& world, const std::string& message, const std::string& hint) {
  report(world, Error(Code::invalid_request, message, hint));
  return kExitUsage;
}

// The one time that a token can be seen.
void print_token(const Arguments& arguments, World& world, const Secret& token) {
  if (arguments.has("--json")) {
    world.out << to_json({{"token", token.reveal()}}) << '\n';
  } else {
    world.err << "the key, which cannot be shown again:\n";
    world.out << token.reveal() << '\n';
  }
}

int create(const Arguments& arguments, World& world) {
  const std::string name = arguments.get("--name");
  if (name.empty()) return wrong_flag(world, "--name is missing", "say what the key is for: --name web-app");
  std::vector<std::string> scopes;
  for (const std::string_view part : split(arguments.get("--scopes"), ',')) {
    const std::string_view scope = trim(part);
    if (scope.empty()) continue;
    if (std::ranges::find(data::kKeyScopes, scope) == data::kKeyScopes.end()) {
      const std::string_view close = nearest(scope, data::kKeyScopes, std::identity());
      return wrong_flag(world, "unknown scope \"" + std::string(scope) + "\"",
                        close.empty() ? "the scopes are chat, documents, models, metrics and admin"
                                      : "did you mean \"" + std::string(close) + "\"?");
    }
    scopes.emplace_back(scope);
  }
  // No scope at all means the usual ones: an empty variable in a script must not widen a key to that.
  if (arguments.has("--scopes") && scopes.empty()) {
    return wrong_flag(
        world, "--scopes names no scope",
        "name some of chat, documents, models and admin, or leave the flag out for all but admin");
  }
  std::optional<std::chrono::milliseconds> lifetime;
  if (arguments.has("--expires")) {
    lifetime = parse_duration(arguments.get("--expires"));
    if (!lifetime || lifetime->count() == 0) {
      return wrong_flag(world, "--expires must be a duration",
                        "write a number and a unit, such as 12h or 90d");
    }
  }
  const auto workspace = open_workspace(arguments, world);
  if (!workspace) return report(world, workspace.error());
  const WallTime expires_at = lifetime ? (*workspace)->clock().wall() + *lifetime : WallTime{};
  const auto token = (*workspace)->keys().create(name, data::default_tenant(), scopes, expires_at);
  if (!token) return report(world, token.error());
  print_token(arguments, world, *token);
  return kExitOk;
}

std::string joined(const std::vector<std::string>& scopes) {
  std::string out;
  for (const std::string& scope : scopes) out += (out.empty() ? "" : ",") + scope;
  return out.empty() ? "all but admin" : out;
}

std::string_view state_of(const data::ApiKey& key, WallTime now) {
  if (key.revoked_at != WallTime{}) return "revoked";
  return key.expires_at != WallTime{} && key.expires_at <= now ? "expired" : "live";
}

int list(const Arguments& arguments, World& world) {
  const auto workspace = open_workspace(arguments, world);
  if (!workspace) return report(world, workspace.error());
  const auto keys = (*workspace)->keys().list();
  if (!keys) return report(world, keys.error());
  const WallTime now = (*workspace)->clock().wall();
  const auto time_or = [](WallTime time, std::string_view none) {
    return time == WallTime{} ? std::string(none) : to_rfc3339(time);
  };
  if (arguments.has("--json")) {
    json::array out;
    for (const data::ApiKey& key : *keys) {
      out.push_back({{"id", key.id},
                     {"name", key.name},
                     {"state", state_of(key, now)},
                     {"scopes", json::array(key.scopes.begin(), key.scopes.end())},
                     {"created_at", to_rfc3339(key.created_at)},
                     {"expires_at", time_or(key.expires_at, "")}});
    }
    world.out << to_json(out) << '\n';
    return kExitOk;
  }
  for (const data::ApiKey& key : *keys) {
    world.out << key.id << "  " << state_of(key, now) << "  expires " << time_or(key.expires_at, "never")
              << "  " << joined(key.scopes) << "  " << key.name << '\n';
  }
  if (keys->empty()) world.err << "there are no keys\n";
  return kExitOk;
}

int revoke(const Arguments& arguments, World& world) {
  const auto workspace = open_workspace(arguments, world);
  if (!workspace) return report(world, workspace.error());
  const std::string& id = arguments.positionals[0];
  if (const auto done = (*workspace)->keys().revoke(id); !done) return report(world, done.error());
  world.err << "revoked " << id << "; a running server refuses it within seconds\n";
  return kExitOk;
}

int rotate(const Arguments& arguments, World& world) {
  const auto overlap = parse_duration(arguments.get("--overlap", format_duration(kOverlap)));
  if (!overlap)
    return wrong_flag(world, "--overlap must be a duration", "write a number and a unit, such as 24h");
  const auto workspace = open_workspace(arguments, world);
  if (!workspace) return report(world, workspace.error());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*overlap);
  const auto token = (*workspace)->keys().rotate(arguments.positionals[0], seconds);
  if (!token) return report(world, token.error());
  print_token(arguments, world, *token);
  return kExitOk;
}

}  // namespace

const Command kKeysCreateCommand = {
    "keys create",
    "make an API key and print it once",
    "",
    0,
    0,
    kCreateFlags,
    "Works on the data directory; a running server knows the key within seconds.\n\n"
    "Examples:\n  weir keys create --name web-app --scopes chat --expires 90d\n",
    create};
const Command kKeysListCommand = {"keys list", "list the API keys", "", 0, 0, kListFlags, "", list};
const Command kKeysRevokeCommand = {"keys revoke", "end an API key", "ID", 1, 1, kRevokeFlags, "", revoke};
const Command kKeysRotateCommand = {
    "keys rotate", "give a key a new secret, with an overlap", "ID", 1, 1, kRotateFlags, "", rotate};

}  // namespace weir::main
