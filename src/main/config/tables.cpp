// The tables of everything that can be set any number of times, and the settings of their rows.
#include <algorithm>
#include <cctype>

#include "main/config/table.h"
#include "main/config/text_checks.h"

namespace weir::main {
namespace {

constexpr std::int64_t kSecond = 1'000, kHour = 3'600 * kSecond;
constexpr Bounds kAny{};

constexpr Bounds between(std::int64_t min, std::int64_t max) {
  return {min, max, Unit::none};
}

#define OF(rows, member) [](Config& c, Row r) -> Target { return &c.gateway.rows.at(r.outer).member; }
#define OF_TARGET(member) \
  [](Config& c, Row r) -> Target { return &c.gateway.routes.at(r.outer).targets.at(r.inner).member; }

// clang-format off
constexpr Setting kProviderFields[] = {
  {"kind", OF(providers, kind), kAny,
   "\"anthropic\", \"openai\" for whatever speaks its API (Ollama, vLLM, llama.cpp), \"bedrock\", \"bedrock_mantle\", "
   "\"claude_platform_aws\", \"vertex\" or \"foundry\"; empty: as its name says."},
  {"base_url", OF(providers, base_url), kAny, "Where its API is; empty: the kind's own address.", {}, {},
   empty_or_http_url},
  {"api_key", OF(providers, api_key), kAny,
   "The key that Weir sends; a provider called as a well-known one inherits its key from the environment."},
  {"models", OF(providers, models), kAny,
   "Globs of the models that it is asked for when no route decides; empty: the kind's own.", {}, {}, not_empty},
  {"in_flight_max", OF(providers, in_flight_max), between(1, 100'000),
   "Requests to it at once, at most; the adaptive limit moves below this."},
  {"order", OF(providers, order), between(0, 100),
   "Where no route decides: asked after those of lower order that serve the model, when they failed."},
  {"region", OF(providers, region), kAny,
   "AWS and Vertex AI: the region; empty: AWS_REGION or CLOUD_ML_REGION."},
  {"project", OF(providers, project), kAny,
   "Vertex AI: the project; empty: ANTHROPIC_VERTEX_PROJECT_ID, GOOGLE_CLOUD_PROJECT or the credentials' own."},
  {"resource", OF(providers, resource), kAny, "Foundry: the first part of its host name."},
  {"workspace", OF(providers, workspace), kAny, "Claude Platform on AWS: the workspace's id."},
  {"profile", OF(providers, profile), kAny,
   "Bedrock: the inference profile put before a model's name (global, us, eu, jp, au, us-gov); empty: none."},
  {"model_ids", OF(providers, model_ids), kAny,
   "Clouds: what it calls a model, each as \"name=id\"; others go by the kind's own rule.", {}, {}, model_pair},
};

constexpr Setting kRouteFields[] = {
  {"name", OF(routes, name), kAny, "How traces, logs and metrics call it; empty: its place in the file."},
  {"models", OF(routes, models), kAny, "Globs over the model that the caller names; empty: any.", {}, {}, not_empty},
  {"prompt_tokens_min", OF(routes, prompt_tokens_min), between(0, 100'000'000),
   "The least prompt, in tokens as estimated from the body's size."},
  {"prompt_tokens_max", OF(routes, prompt_tokens_max), between(0, 100'000'000), "The largest prompt; 0: any."},
  {"max_tokens_max", OF(routes, max_tokens_max), between(0, 100'000'000), "The longest answer asked for; 0: any."},
  {"tools", OF(routes, tools), kAny, "Whether the call defines tools; left out: either."},
  {"images", OF(routes, images), kAny, "Whether the call holds images or documents; left out: either."},
  {"keys", OF(routes, keys), kAny, "Ids of the API keys whose calls it is for; empty: any.", {}, {}, not_empty},
  {"users", OF(routes, users), kAny, "Globs over metadata.user_id; empty: any.", {}, {}, not_empty},
  {"headers", OF(routes, headers), kAny, "Fields that the request must have, each as \"name: glob\".", {}, {},
   header_pattern},
  {"shadow", OF(routes, shadow), kAny, "Only report what this route would have done, and look further."},
  {"tries_max", OF(routes, tries_max), between(0, 10), "Tries of one call over all targets; 0: anthropic.tries_max."},
  {"retry_base", OF(routes, retry_base), between(0, 60 * kSecond), "The first pause; 0: anthropic.retry_base."},
  {"first_token_timeout", OF(routes, first_token_timeout), between(0, kHour),
   "From the request sent to the first byte of the answer, or the first event of a stream; 0: the gateway's."},
  {"idle_timeout", OF(routes, idle_timeout), between(0, kHour), "Longest pause within an answer; 0: the gateway's."},
  {"total_timeout", OF(routes, total_timeout), between(0, 24 * kHour),
   "One call with all its tries; 0: the gateway's."},
  {"breaker_tries_min", OF(routes, breaker_tries_min), between(0, 1'000'000),
   "With this, or one of the next two, the route has breakers of its own; 0: as [resilience] says."},
  {"breaker_failures_percent", OF(routes, breaker_failures_percent), between(0, 100), "0: as [resilience] says."},
  {"breaker_open_for", OF(routes, breaker_open_for), between(0, kHour), "0: as [resilience] says."},
};

constexpr Setting kTargetFields[] = {
  {"provider", OF_TARGET(provider), kAny, "The name of a provider.", {}, {}, not_empty},
  {"model", OF_TARGET(model), kAny, "What it is asked for; empty: the model that the caller names."},
  {"order", OF_TARGET(order), between(0, 100), "Equals share an order; a higher one is asked when the lower failed."},
  {"weight", OF_TARGET(weight), between(1, 1'000), "Its share among equals."},
};

constexpr Table kTables[] = {
  {"providers", true,
   "Providers by name. Well-known environment names make \"anthropic\", \"openai\" and the clouds without it.",
   kProviderFields, 64, [](const Config& c, Row) { return c.gateway.providers.size(); },
   [](Config& c, Row, std::string_view name) { c.gateway.providers.emplace_back().name = name; },
   [](const Config& c, Row r) { return std::string_view(c.gateway.providers.at(r.outer).name); }},
  {"routes", false, "Which calls go where; the first route whose conditions all hold decides.",
   kRouteFields, 256, [](const Config& c, Row) { return c.gateway.routes.size(); },
   [](Config& c, Row, std::string_view) { c.gateway.routes.emplace_back(); }, nullptr},
  {"routes.targets", false, "Where the calls of a route go: a tree of targets, tried by order.",
   kTargetFields, 16, [](const Config& c, Row r) { return c.gateway.routes.at(r.outer).targets.size(); },
   [](Config& c, Row r, std::string_view) { c.gateway.routes.at(r.outer).targets.emplace_back(); }, nullptr},
};
// clang-format on

#undef OF
#undef OF_TARGET

bool is_inner(const Table& table) {
  return table.key.find('.') != std::string_view::npos;
}

}  // namespace

std::span<const Table> tables() {
  return kTables;
}

const Table* find_table(std::string_view key) {
  const auto* const found = std::ranges::find(kTables, key, &Table::key);
  return found == std::end(kTables) ? nullptr : found;
}

const Setting* find_field(const Table& table, std::string_view name) {
  const auto found = std::ranges::find(table.fields, name, &Setting::key);
  return found == table.fields.end() ? nullptr : &*found;
}

std::string row_path(const Table& table, const Config& config, Row row) {
  if (table.named) return std::string(table.key) + "." + std::string(table.name(config, row));
  if (!is_inner(table)) return std::string(table.key) + "[" + std::to_string(row.outer) + "]";
  const std::size_t dot = table.key.rfind('.');
  return row_path(*find_table(table.key.substr(0, dot)), config, row) + "." +
         std::string(table.key.substr(dot + 1)) + "[" + std::to_string(row.inner) + "]";
}

Row at_index(const Table& table, Row row, std::size_t index) {
  if (is_inner(table)) return {row.outer, index};
  return {index, 0};
}

Result<> check_row_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
  if (good) return {};
  return fail(Code::invalid_request, "\"" + std::string(name) + "\" is not a name",
              "use letters, digits, - and _, at most 64");
}

}  // namespace weir::main
