// Item: CORS. Which pages' scripts may read answers.
#include <array>

#include "base/text.h"
#include "ops/check/families/families.h"

namespace weir::ops::check {
namespace {

constexpr std::string_view kFixList =
    "Weir: ALLOWED_ORIGINS=https://app.example.com, exact. Elsewhere: compare the whole "
    "origin with a list, and send nothing when it is not on it";
constexpr Rule kAllowed{"WEIR-CORS-001", Item::cors, "The allowed page may read answers", kFixList};
constexpr Rule kPreflight{
    "WEIR-CORS-002", Item::cors, "The allowed page's preflight is answered",
    "answer OPTIONS with 204, Access-Control-Allow-Methods and -Headers, before asking for a key"};
constexpr Rule kForeign{"WEIR-CORS-003", Item::cors, "A foreign page may not read answers", kFixList};
constexpr Rule kNull{"WEIR-CORS-004", Item::cors, "The origin \"null\" may not read answers",
                     "take \"null\" off the list: every sandboxed frame has it"};
constexpr Rule kLookAlike{
    "WEIR-CORS-005", Item::cors, "Origins that look like an allowed one may not read answers",
    "compare the whole origin: no prefix, no suffix, no pattern, scheme and port included"};
constexpr Rule kVary{"WEIR-CORS-006", Item::cors, "Answers for different pages are kept apart in caches",
                     "send Vary: Origin whenever the answer depends on it, and let the CDN keep it"};
constexpr std::array kRules{kAllowed, kPreflight, kForeign, kNull, kLookAlike, kVary};

constexpr std::string_view kEvil = "https://evil.example";

std::string_view allowed_to(const Answer& answer) {
  return answer.headers.get("access-control-allow-origin");
}

bool lets_in(const Answer& answer, std::string_view origin) {
  return allowed_to(answer) == "*" || allowed_to(answer) == origin;
}

Ask preflight(const Context& context, std::string_view origin) {
  return {.method = "OPTIONS",
          .path = context.target.chat,
          .headers = {{"origin", std::string(origin)},
                      {"access-control-request-method", "POST"},
                      {"access-control-request-headers", "content-type"}},
          .with_key = false};
}

// The answer, of preflight and of a plain read, that lets the origin in; the last one when none does.
Task<const Answer*> ask_as(Context& context, std::string origin) {
  Ask first = preflight(context, origin);
  const Answer* answer = co_await context.prober.ask(first);
  if (lets_in(*answer, origin)) co_return answer;
  Ask read{.path = context.target.health, .headers = {{"origin", origin}}, .with_key = false};
  answer = co_await context.prober.ask(read);
  co_return answer;
}

// "https://app.example.com" → its suffix, prefix, scheme and port tricks.
std::vector<std::string> look_alikes(std::string_view origin) {
  const auto scheme_end = origin.find("://");
  if (scheme_end == origin.npos) return {};
  const std::string scheme(origin.substr(0, scheme_end + 3));
  const std::string host(origin.substr(scheme_end + 3));
  const std::string other = scheme == "https://" ? "http://" : "https://";
  const std::string bare = host.substr(0, host.find(':'));
  return {scheme + host + ".evil.example", scheme + "evil-" + host, other + host, scheme + bare + ":8444",
          scheme + host + "@evil.example"};
}

Task<> judge_allowed(Context& context, const std::string& origin) {
  if (origin.empty()) {
    for (const Rule* const rule : {&kAllowed, &kPreflight, &kVary})
      context.add(*rule, Status::skipped, "no allowed page was named (--origin https://app.example.com)");
    co_return;
  }
  Ask read{.path = context.target.health, .headers = {{"origin", origin}}, .with_key = false};
  const Answer* answer = co_await context.prober.ask(read);
  if (!lets_in(*answer, origin)) {  // some send the fields only where pages call
    Ask post = context.chat_ask(context.wrong_question());
    post.headers.emplace_back("origin", origin);
    answer = co_await context.prober.ask(post);
  }
  context.judge(kAllowed, lets_in(*answer, origin), Status::fail,
                "Access-Control-Allow-Origin: " + context.prober.shown(allowed_to(*answer), 200), *answer);
  Ask before = preflight(context, origin);
  const Answer* const asked = co_await context.prober.ask(before);
  const std::string methods = to_lower(asked->headers.joined("access-control-allow-methods"));
  const std::string fields = to_lower(asked->headers.joined("access-control-allow-headers"));
  const bool holds = asked->status < 300 && lets_in(*asked, origin) &&
                     (methods.contains("post") || methods.contains('*')) &&
                     (fields.contains("content-type") || fields.contains('*'));
  if (context.failed(kAllowed.id) && !lets_in(*asked, origin)) {
    context.add(kPreflight, Status::skipped, "the page is not allowed at all (WEIR-CORS-001)", {asked});
  } else {
    context.judge(kPreflight, holds, Status::fail,
                  "status " + std::to_string(asked->status) + ", methods \"" + methods + "\", headers \"" +
                      fields + "\"",
                  *asked);
  }
  const bool depends = allowed_to(*answer) == origin;
  const bool varies = to_lower(answer->headers.joined("vary")).contains("origin");
  if (!depends) {
    context.add(kVary, Status::skipped, "the answer names no origin of its own");
  } else {
    context.judge(kVary, varies, Status::fail, varies ? "Vary names Origin" : "Vary does not name Origin",
                  *answer);
  }
}

Task<> run(Context& context) {
  const std::string& origin = context.target.allowed_origin;
  const std::string evil(kEvil);
  const Answer* foreign = co_await ask_as(context, evil);
  if (!lets_in(*foreign, evil)) {
    Ask post = context.chat_ask(context.wrong_question());
    post.headers.emplace_back("origin", evil);
    foreign = co_await context.prober.ask(post);
  }
  const bool open = lets_in(*foreign, evil);
  context.judge(kForeign, !open, Status::fail,
                open ? "pages of " + evil + " may read answers" +
                           (foreign->headers.get("access-control-allow-credentials") == "true"
                                ? ", with the cookies of whoever visits them"
                                : "")
                     : "no Access-Control-Allow-Origin for " + evil,
                *foreign);
  co_await judge_allowed(context, origin);
  if (open) {
    for (const Rule* const rule : {&kNull, &kLookAlike})
      context.add(*rule, Status::skipped, "any page may read answers (WEIR-CORS-003)");
    co_return;
  }
  const Answer* const null = co_await ask_as(context, "null");
  context.judge(kNull, !lets_in(*null, "null"), Status::fail,
                "Access-Control-Allow-Origin: " + context.prober.shown(allowed_to(*null), 200), *null);
  const std::string likely = origin.empty() ? context.target.origin.to_string() : origin;
  for (const std::string& trick : look_alikes(likely)) {
    if (trick == context.target.origin.to_string()) continue;
    const Answer* const answer = co_await ask_as(context, trick);
    if (!answer->is_blocked() && !lets_in(*answer, trick)) continue;
    context.judge(kLookAlike, false, Status::fail, "pages of " + trick + " may read answers", *answer);
    co_return;
  }
  context.add(kLookAlike, Status::pass,
              "suffix, prefix, scheme, port and user tricks on " + likely + " are refused");
}

}  // namespace

const Family kCors = {"cors", kRules, run};

}  // namespace weir::ops::check
