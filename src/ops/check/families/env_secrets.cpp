// Item: environment variables secure. Secrets where strangers can read them: pages, scripts, files, answers.
#include <array>

#include "base/text.h"
#include "ops/check/families/families.h"
#include "ops/check/families/secrets.h"

namespace weir::ops::check {
namespace {

constexpr std::string_view kFixLeak =
    "revoke that secret now, then keep it on the server: no NEXT_PUBLIC_ or VITE_ "
    "variable, no secret in code that a browser loads";
constexpr Rule kPage{"WEIR-ENV-001", Item::env_secrets, "The page and its scripts contain no secret",
                     kFixLeak};
constexpr Rule kAnswers{"WEIR-ENV-002", Item::env_secrets, "Headers and error bodies contain no secret",
                        kFixLeak};
constexpr Rule kFiles{"WEIR-ENV-003", Item::env_secrets, "Files with secrets are not served",
                      "keep .env and .git out of the served folder; nginx: location ~ /\\. { deny all; }"};
constexpr std::array kRules{kPage, kAnswers, kFiles};

constexpr std::size_t kScriptsMax = 12;

// The same-origin scripts that the page names: src="/…js" and href="/…js".
std::vector<std::string> scripts_of(std::string_view page) {
  std::vector<std::string> out;
  constexpr std::array<std::string_view, 2> kAttributes{"src=\"", "href=\""};
  for (const std::string_view attribute : kAttributes) {
    for (std::size_t at = page.find(attribute); at != page.npos; at = page.find(attribute, at + 1)) {
      const std::string_view rest = page.substr(at + attribute.size());
      std::string_view path = rest.substr(0, rest.find('"'));
      if (path.starts_with("./")) path.remove_prefix(1);
      const bool is_script = path.substr(0, path.find('?')).ends_with(".js");
      if (is_script && path.starts_with('/') && !path.starts_with("//") && out.size() < kScriptsMax)
        out.emplace_back(path);
    }
  }
  return out;
}

Task<> judge_page(Context& context) {
  Ask ask{.path = context.target.page, .with_key = false};
  const Answer* const page = co_await context.prober.ask(ask);
  if (page->is_blocked()) {
    context.add(kPage, Status::unknown, page->blocked_by(), {page});
    co_return;
  }
  std::string secret = secret_in(page->body, context.target.key);
  const Answer* where = page;
  const std::vector<std::string> scripts = scripts_of(page->body);
  for (const std::string& script : scripts) {
    if (!secret.empty()) break;
    Ask next{.path = script, .with_key = false};
    where = co_await context.prober.ask(next);
    secret = secret_in(where->body, context.target.key);
  }
  context.add(kPage, secret.empty() ? Status::pass : Status::fail,
              secret.empty() ? "the page and " + std::to_string(scripts.size()) + " scripts were read"
                             : "there is " + secret,
              {}, {{"scripts", static_cast<double>(scripts.size())}});
  if (!secret.empty())
    context.findings.back().evidence.seen.push_back({.sent = where->seen.sent, .received = secret});
}

void judge_answers(Context& context) {
  std::size_t looked = 0;
  for (const Answer* const answer : context.prober.answers()) {
    ++looked;
    std::string fields;
    for (const net::Field field : answer->headers) append_field_line(fields, field);
    std::string secret = secret_in(fields, context.target.key);
    if (secret.empty() && answer->status >= 400) secret = secret_in(answer->body, context.target.key);
    if (secret.empty()) continue;
    Evidence evidence{.note = "there is " + secret};
    evidence.seen.push_back({.sent = answer->seen.sent, .received = secret});
    return context.add(kAnswers, Status::fail, std::move(evidence));
  }
  context.add(kAnswers, Status::pass, std::to_string(looked) + " answers were read");
}

Task<> judge_files(Context& context) {
  constexpr std::array<std::string_view, 3> kPaths{"/.env", "/.git/HEAD", "/.env.local"};
  for (const std::string_view path : kPaths) {
    Ask ask{.path = std::string(path), .with_key = false};
    const Answer* const answer = co_await context.prober.ask(ask);
    const bool is_page = to_lower(answer->headers.get("content-type")).contains("html");
    const bool served =
        answer->status == 200 && !is_page && (answer->body.contains('=') || answer->body.starts_with("ref:"));
    if (answer->is_blocked()) {
      context.add(kFiles, Status::unknown, answer->blocked_by(), {answer});
      co_return;
    }
    if (!served) continue;
    Evidence evidence{.note = std::string(path) + " is served"};  // its text stays out of the evidence
    context.add(kFiles, Status::fail, std::move(evidence));
    co_return;
  }
  context.add(kFiles, Status::pass, "/.env, /.env.local and /.git/HEAD are not served");
}

Task<> run(Context& context) {
  co_await judge_page(context);
  co_await judge_files(context);
  judge_answers(context);
}

}  // namespace

const Family kEnvSecrets = {"env_secrets", kRules, run};

}  // namespace weir::ops::check
