#include "ops/selftest/expectation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "model/answer_meter.h"
#include "model/usage/prompt_estimate.h"

namespace weir::ops::selftest {
namespace {

using model::Dialect;

struct Told {
  std::int64_t input = 0, output = 0, cache_read = 0;
};

std::int64_t number(const json::value* object, std::string_view name) {
  const json::value* const value = object != nullptr ? find_member(*object, name) : nullptr;
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

// The usage objects of a body, in their order: one, or one for each event of a stream that has any.
std::vector<json::value> usages_of(const data::CassetteResponse& response) {
  std::vector<json::value> found;
  const auto take = [&found](std::string_view text) {
    const auto document = parse_json(text, 512);
    if (!document) return;
    for (const std::string_view holder : {"message", "response", ""}) {
      const json::value* const object = holder.empty() ? &*document : find_member(*document, holder);
      const json::value* const usage = object != nullptr ? find_member(*object, "usage") : nullptr;
      if (usage != nullptr && usage->is_object()) found.push_back(*usage);
    }
  };
  if (!response.is_stream) {
    take(response.body);
    return found;
  }
  std::string_view rest = response.body;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with("data:")) take(line.substr(5));
  }
  return found;
}

bool is_bedrock(Dialect dialect) {
  return dialect == Dialect::bedrock_invoke || dialect == Dialect::bedrock_converse;
}

// Of a body in one piece: Converse's names, Nova's, Claude's. Frames are left to the meter.
std::optional<Told> told_by_bedrock(const data::CassetteResponse& response) {
  const auto document = parse_json(response.body, 512);
  const json::value* const usage = document ? find_member(*document, "usage") : nullptr;
  if (usage == nullptr || !usage->is_object()) return std::nullopt;
  const auto first_of = [usage](std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      if (find_member(*usage, name) != nullptr) return number(usage, name);
    }
    return std::int64_t{0};
  };
  return Told{.input = first_of({"inputTokens", "inputTokenCount", "input_tokens"}),
              .output = first_of({"outputTokens", "outputTokenCount", "output_tokens"}),
              .cache_read =
                  first_of({"cacheReadInputTokens", "cacheReadInputTokenCount", "cache_read_input_tokens"})};
}

// What the provider said it used, read without the gateway's meters. nullopt: nothing.
std::optional<Told> told_by(const data::CassetteResponse& response, Dialect dialect) {
  if (is_bedrock(dialect)) return told_by_bedrock(response);
  const auto usages = usages_of(response);
  if (usages.empty()) return std::nullopt;
  Told told;
  if (dialect == Dialect::messages) {
    for (const json::value& usage : usages) {  // later events repeat or replace
      for (auto [name, into] :
           {std::pair("input_tokens", &told.input), std::pair("output_tokens", &told.output),
            std::pair("cache_read_input_tokens", &told.cache_read)}) {
        const json::value* const value = find_member(usage, name);
        if (value != nullptr && value->is_int64()) *into = value->get_int64();
      }
    }
    return told;
  }
  const json::value& usage = usages.back();
  const bool chat = find_member(usage, "prompt_tokens") != nullptr;
  const json::value* const details =
      find_member(usage, chat ? "prompt_tokens_details" : "input_tokens_details");
  told.cache_read = number(details, "cached_tokens");
  told.input = number(&usage, chat ? "prompt_tokens" : "input_tokens") - told.cache_read -
               number(details, "cache_write_tokens");
  told.output = number(&usage, chat ? "completion_tokens" : "output_tokens");
  return told;
}

constexpr std::string_view kBedrockRoot = "/model/";

// Model and operation of such a path.
std::pair<std::string, std::string_view> bedrock_parts(std::string_view path) {
  path = path.substr(0, path.find('?'));
  path.remove_prefix(kBedrockRoot.size());
  const std::size_t slash = std::min(path.rfind('/'), path.size());
  return {percent_decode(path.substr(0, slash)).value_or(""), path.substr(std::min(slash + 1, path.size()))};
}

std::optional<Dialect> dialect_of(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, Dialect>, 5> kPaths{
      {{"/v1/messages", Dialect::messages},
       {"/v1/messages/count_tokens", Dialect::messages},
       {"/v1/chat/completions", Dialect::chat_completions},
       {"/v1/responses", Dialect::responses},
       {"/v1/embeddings", Dialect::embeddings}}};
  if (path.starts_with(kBedrockRoot)) {
    const std::string_view operation = bedrock_parts(path).second;
    if (operation == "invoke" || operation == "invoke-with-response-stream" || operation == "count-tokens")
      return Dialect::bedrock_invoke;
    if (operation == "converse" || operation == "converse-stream") return Dialect::bedrock_converse;
    return std::nullopt;
  }
  const auto found =
      std::ranges::find(kPaths, path.substr(0, path.find('?')), &std::pair<std::string_view, Dialect>::first);
  return found == kPaths.end() ? std::nullopt : std::optional(found->second);
}

void measure(const data::Cassette& cassette, const model::Prices& prices, WallTime now,
             Expectation& expected) {
  const data::CassetteResponse& response = cassette.response;
  const auto meter = model::meter_of(*expected.dialect)(response.headers);
  if (*expected.dialect != Dialect::messages)
    meter->assume_prompt_tokens(model::estimated_prompt_tokens(cassette.request.body));
  meter->feed(response.body);
  meter->finish();
  expected.whole = !response.cut && (!meter->is_stream() || meter->ended());
  if (response.status >= 400) return;
  const model::MessageReport& report = meter->report();
  const auto request = parse_json(cassette.request.body, 512);
  std::string model = report.model;
  if (is_bedrock(*expected.dialect)) {
    model = bedrock_parts(cassette.request.path).first;  // the id that was asked for tells the region
  } else if (model.empty() && request) {
    model = string_member(*request, "model");
  }
  expected.usage = meter->usage();
  expected.estimated = meter->usage_estimated();
  std::vector<model::PricedPart> parts{{model, expected.usage}};
  for (const model::SideStep& step : report.side_steps)
    parts.push_back({step.model.empty() ? std::string_view(model) : step.model, step.usage});
  expected.cost = prices.price(parts, report.modifiers, now).cost;
}

std::string excerpt(std::string_view text, std::size_t at) {
  const std::string around(text.substr(at - std::min<std::size_t>(at, 20), 60));
  return to_json(json::value(around));
}

void compare_bytes(const data::Cassette& cassette, const Expectation& expected, const Observed& observed,
                   std::vector<std::string>& found) {
  const std::string& recorded = cassette.response.body;
  // A stream without its end gets one from the gateway, in place of an event that was cut.
  const std::size_t last = recorded.rfind("\n\n");
  const std::size_t certain = expected.whole ? recorded.size() : last == std::string::npos ? 0 : last + 2;
  if (expected.whole ? observed.body == recorded : observed.body.starts_with(recorded.substr(0, certain)))
    return;
  const auto differ = std::ranges::mismatch(observed.body, recorded);
  const auto at = static_cast<std::size_t>(differ.in1 - observed.body.begin());
  found.push_back("byte " + std::to_string(at) + " of " + std::to_string(observed.body.size()) +
                  " (recorded: " + std::to_string(recorded.size()) + "): " + excerpt(observed.body, at) +
                  " instead of " + excerpt(recorded, at));
}

}  // namespace

Expectation expect(const data::Cassette& cassette, const model::Prices& prices, WallTime now) {
  Expectation expected;
  const data::CassetteRequest& request = cassette.request;
  if (request.path.empty()) {
    expected.unsendable = "the recorder kept no request";
  } else if (request.method != "POST" || !dialect_of(request.path)) {
    expected.unsendable = "no route of the gateway's for one dialect on both sides";
  } else if (request.body.empty()) {
    expected.unsendable = "the request has no body";
  } else {
    expected.dialect = dialect_of(request.path);
    expected.metered = !request.path.contains("count_tokens") && !request.path.ends_with("/count-tokens");
    measure(cassette, prices, now, expected);
  }
  return expected;
}

std::vector<std::string> differences(const data::Cassette& cassette, const Expectation& expected,
                                     const Observed& observed) {
  std::vector<std::string> found;
  const auto differ = [&found](std::string_view what, const std::string& its, const std::string& recorded) {
    if (its != recorded) found.push_back(std::string(what) + " " + its + " instead of " + recorded);
  };
  // A stream that begins with an error, or ends before anything, becomes that error's status.
  const bool became_error = !expected.whole && observed.status >= 400;
  if (!became_error) {
    differ("status", std::to_string(observed.status), std::to_string(cassette.response.status));
    compare_bytes(cassette, expected, observed, found);
  }
  if (!expected.metered || !expected.whole || cassette.response.status >= 400) return found;
  if (!observed.priced) {
    found.emplace_back("the gateway tells no price");
    return found;
  }
  const auto differ_in = [&](std::string_view what, std::int64_t its, std::int64_t recorded) {
    differ(what, std::to_string(its), std::to_string(recorded));
  };
  const data::Usage& its = observed.usage;
  const data::Usage& own = expected.usage;
  differ_in("input tokens", its.input_tokens, own.input_tokens);
  differ_in("output tokens", its.output_tokens, own.output_tokens);
  differ_in("5-minute cache writes", its.cache_write_5m_tokens, own.cache_write_5m_tokens);
  differ_in("1-hour cache writes", its.cache_write_1h_tokens, own.cache_write_1h_tokens);
  differ_in("cache reads", its.cache_read_tokens, own.cache_read_tokens);
  differ_in("web searches", its.web_search_requests, own.web_search_requests);
  differ("cost $", observed.cost_usd, expected.cost.to_string());
  if (const auto told = told_by(cassette.response, *expected.dialect); told && !expected.estimated) {
    differ_in("input tokens against the provider's word:", its.input_tokens, told->input);
    differ_in("output tokens against the provider's word:", its.output_tokens, told->output);
    differ_in("cache reads against the provider's word:", its.cache_read_tokens, told->cache_read);
  }
  return found;
}

}  // namespace weir::ops::selftest
