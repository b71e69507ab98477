// Item: security audit, the part that answers' heads tell.
#include <array>

#include "base/text.h"
#include "ops/check/families/families.h"

namespace weir::ops::check {
namespace {

constexpr Rule kNoSniff{"WEIR-SEC-001", Item::security_audit, "Browsers may not guess content types",
                        "send X-Content-Type-Options: nosniff with every answer"};
constexpr Rule kFraming{"WEIR-SEC-002", Item::security_audit, "The page may not be framed by others",
                        "send Content-Security-Policy: frame-ancestors 'none', or X-Frame-Options: DENY"};
constexpr Rule kReferrer{"WEIR-SEC-003", Item::security_audit, "Links do not carry the page's address away",
                         "send Referrer-Policy: no-referrer or strict-origin-when-cross-origin"};
constexpr Rule kPolicy{
    "WEIR-SEC-004", Item::security_audit, "The page has a content security policy",
    "send Content-Security-Policy: default-src 'self', without 'unsafe-eval' in script-src"};
constexpr Rule kBanner{
    "WEIR-SEC-005", Item::security_audit, "No answer names software with its version",
    "nginx: server_tokens off; Express: app.disable('x-powered-by'); Next.js: poweredByHeader: false"};
constexpr Rule kStored{"WEIR-SEC-006", Item::security_audit, "API answers are kept by no shared cache",
                       "send Cache-Control: no-store with answers under /api, and let no CDN override it"};
constexpr Rule kCookies{"WEIR-SEC-007", Item::security_audit,
                        "Cookies are HttpOnly, SameSite, and Secure over TLS",
                        "set HttpOnly; Secure; SameSite=Lax on every cookie"};
constexpr Rule kTrace{"WEIR-SEC-008", Item::security_audit, "TRACE is not answered",
                      "Apache: TraceEnable off; elsewhere answer 405 or 501"};
constexpr Rule kCompression{"WEIR-SEC-009", Item::security_audit, "Large texts are compressed",
                            "compress pages and JSON at the edge; leave text/event-stream as it is"};
constexpr std::array kRules{kNoSniff, kFraming, kReferrer, kPolicy,     kBanner,
                            kStored,  kCookies, kTrace,    kCompression};

constexpr std::size_t kWorthCompressing = 4 * 1024;  // bytes

std::string version_in(const Answer& answer) {
  for (const std::string_view name : {"server", "x-powered-by", "x-aspnet-version", "x-generator"}) {
    const std::string_view value = answer.headers.get(name);
    const bool tells = name == "server" ? value.find_first_of("0123456789") != value.npos : !value.empty();
    if (tells) return std::string(name) + ": " + std::string(value);
  }
  return {};
}

void judge_banner(Context& context) {
  for (const Answer* const answer : context.prober.answers()) {
    const std::string version = version_in(*answer);
    if (version.empty()) continue;
    context.add(kBanner, Status::fail, context.prober.shown(version, 200), {answer});
    return;
  }
  context.add(kBanner, Status::pass, "no version in Server, X-Powered-By, X-Generator");
}

void judge_cookies(Context& context) {
  std::size_t cookies = 0;
  for (const Answer* const answer : context.prober.answers()) {
    for (const net::Field field : answer->headers) {
      if (field.name != "set-cookie") continue;
      ++cookies;
      const std::string cookie = to_lower(field.value);
      const bool secure = cookie.contains("secure") || !context.target.origin.tls;
      if (cookie.contains("httponly") && cookie.contains("samesite") && secure) continue;
      const std::string name(field.value.substr(0, field.value.find('=')));
      context.add(kCookies, Status::fail, "the cookie " + context.prober.shown(name, 100) + " lacks a flag",
                  {answer});
      return;
    }
  }
  context.add(kCookies, Status::pass, std::to_string(cookies) + " cookies were set");
}

bool is_kept_out(const Answer& answer) {
  const std::string control = to_lower(answer.headers.joined("cache-control"));
  return control.contains("no-store") || control.contains("private") || control.contains("no-cache");
}

Task<> judge_compression(Context& context, const Answer& page) {
  if (page.body.size() < kWorthCompressing) {
    Ask large{.path = context.target.openapi, .headers = {{"accept-encoding", "identity"}}};
    const Answer* const other = co_await context.prober.ask(large);
    if (other->status != 200 || other->body.size() < kWorthCompressing) {
      context.add(kCompression, Status::skipped, "nothing that is worth compressing was found");
      co_return;
    }
    Ask again{.path = context.target.openapi, .headers = {{"accept-encoding", "gzip, br"}}};
    const Answer* const packed = co_await context.prober.ask(again);
    context.judge(kCompression, packed->headers.contains("content-encoding"), Status::warn,
                  std::to_string(other->body.size()) + " bytes plain, " +
                      std::to_string(packed->body.size()) + " with Accept-Encoding: gzip, br",
                  *packed);
    co_return;
  }
  Ask packed_page{
      .path = context.target.page, .headers = {{"accept-encoding", "gzip, br"}}, .with_key = false};
  const Answer* const packed = co_await context.prober.ask(packed_page);
  context.judge(kCompression, packed->headers.contains("content-encoding"), Status::warn,
                std::to_string(page.body.size()) + " bytes plain, " + std::to_string(packed->body.size()) +
                    " with Accept-Encoding: gzip, br",
                *packed);
}

void judge_page(Context& context, const Answer& page) {
  const bool html = to_lower(page.headers.get("content-type")).contains("html") && page.status == 200;
  if (!html) {
    for (const Rule* const rule : {&kFraming, &kReferrer, &kPolicy})
      context.add(*rule, Status::skipped, "there is no HTML page at " + context.target.page);
    return;
  }
  const std::string policy = to_lower(page.headers.joined("content-security-policy"));
  const bool unframed = policy.contains("frame-ancestors") || page.headers.contains("x-frame-options");
  context.judge(kFraming, unframed, Status::fail,
                unframed ? "framing is restricted" : "anybody may frame the page", page);
  context.judge(kReferrer, page.headers.contains("referrer-policy"), Status::warn,
                "Referrer-Policy: " + context.prober.shown(page.headers.get("referrer-policy"), 100), page);
  const bool strict =
      (policy.contains("default-src") || policy.contains("script-src")) && !policy.contains("unsafe-eval");
  context.judge(kPolicy, strict, Status::fail,
                policy.empty() ? "there is no Content-Security-Policy" : context.prober.shown(policy, 200),
                page);
}

Task<> run(Context& context) {
  Ask page_ask{.path = context.target.page, .with_key = false};
  const Answer* const page = co_await context.prober.ask(page_ask);
  Ask wrong = context.chat_ask(context.wrong_question());
  const Answer* const api = co_await context.prober.ask(wrong);
  const bool api_tells = !api->is_blocked();
  const bool nosniff = page->headers.get("x-content-type-options") == "nosniff" &&
                       (!api_tells || api->headers.get("x-content-type-options") == "nosniff");
  context.judge(kNoSniff, nosniff, Status::fail, nosniff ? "nosniff is sent" : "nosniff is missing", *page);
  judge_page(context, *page);
  Ask health{.path = context.target.health, .with_key = false};
  const Answer* const kept = co_await context.prober.ask(health);
  const Answer& answer = api_tells ? *api : *kept;
  context.judge(kStored, is_kept_out(answer), Status::warn,
                "Cache-Control: " + context.prober.shown(answer.headers.joined("cache-control"), 200),
                answer);
  Ask trace_ask{
      .method = "TRACE", .path = "/", .headers = {{"x-weir-trace", "weir-check"}}, .with_key = false};
  const Answer* const trace = co_await context.prober.ask(trace_ask);
  context.judge(kTrace, trace->status >= 400, Status::fail,
                "status " + std::to_string(trace->status) + " to TRACE", *trace);
  co_await judge_compression(context, *page);
  judge_banner(context);
  judge_cookies(context);
}

}  // namespace

const Family kSecurityHeaders = {"security_headers", kRules, run};

}  // namespace weir::ops::check
