// Item: rate limiting. Safe: what answers announce. Active: a burst, and whether a forged address evades it.
#include <array>

#include "base/text.h"
#include "ops/check/families/families.h"

namespace weir::ops::check {
namespace {

constexpr Rule kStands{
    "WEIR-RATE-001", Item::rate_limit, "A client that asks too often is answered 429",
    "Weir: edge.rate_limit = \"100/15m\" (WEIR_RATE_LIMIT). Elsewhere: limit before the handler, in a "
    "store that all instances share"};
constexpr Rule kForged{
    "WEIR-RATE-002", Item::rate_limit, "A forged address does not evade the limit",
    "Weir: edge.trusted_proxies names only your own proxies. Elsewhere: believe X-Forwarded-For only "
    "from them, and let them overwrite it"};
constexpr Rule kAnnounced{
    "WEIR-RATE-003", Item::rate_limit, "Answers tell how much is left",
    "send RateLimit and RateLimit-Policy (or X-RateLimit-*), and let proxies pass them"};
constexpr Rule kRetryAfter{"WEIR-RATE-004", Item::rate_limit, "A 429 tells when to come again",
                           "send Retry-After with every 429"};
constexpr std::array kRules{kStands, kForged, kAnnounced, kRetryAfter};

constexpr std::array<std::string_view, 6> kAddressFields{"x-forwarded-for",  "x-real-ip",      "forwarded",
                                                         "cf-connecting-ip", "true-client-ip", "x-client-ip"};

// How much is left, as an answer tells: RateLimit's r=, or X-RateLimit-Remaining; -1: it does not.
std::int64_t remaining_in(const Answer& answer) {
  for (const std::string_view name : {"x-ratelimit-remaining", "ratelimit-remaining"}) {
    if (const auto told = parse_int(trim(answer.headers.get(name)))) return *told;
  }
  const std::string_view field = answer.headers.get("ratelimit");
  const auto at = field.find("r=");
  if (at == field.npos) return -1;
  const std::string_view digits = field.substr(at + 2);
  return parse_int(digits.substr(0, digits.find_first_not_of("0123456789"))).value_or(-1);
}

std::string forged_address(Context& context) {
  const std::uint64_t bits = context.random.next_u64();  // of a network that is routed nowhere (RFC 2544)
  return "198.18." + std::to_string(bits & 255) + "." + std::to_string(bits >> 8 & 255);
}

Ask forged_ask(Context& context, std::string_view field) {
  Ask ask = context.chat_ask(context.wrong_question());
  const std::string address = forged_address(context);
  ask.headers.emplace_back(field, field == "forwarded" ? "for=" + address : address);
  return ask;
}

// The count of the forged address, were it believed, would begin anew: it would tell more than ours.
Task<> look_at_counts(Context& context) {
  Ask ask = context.chat_ask(context.wrong_question());
  const Answer own = co_await context.prober.ask_again(ask);
  const std::int64_t left = remaining_in(own);
  if (own.is_blocked() && own.status != 429) {
    for (const Rule& rule : kRules) context.add(rule, Status::unknown, own.blocked_by());
    co_return;
  }
  context.add(kStands, left >= 0 || own.status == 429 ? Status::pass : Status::unknown,
              left >= 0 ? "a limit is announced, " + std::to_string(left) + " left"
                        : "no limit is announced; --active asks often enough to see one",
              {&own}, {{"remaining", static_cast<double>(left)}});
  context.add(kAnnounced, left >= 0 ? Status::pass : Status::warn,
              left >= 0 ? "RateLimit is sent" : "neither RateLimit nor X-RateLimit-Remaining is sent",
              {&own});
  context.add(kRetryAfter, Status::skipped, "only a burst provokes a 429; --active sends one");
  if (left < 0 || own.status == 429) {
    context.add(kForged, Status::unknown, "without counts only a burst can tell; --active sends one");
    co_return;
  }
  std::int64_t expected = left;
  for (const std::string_view field : kAddressFields) {
    Ask forged = forged_ask(context, field);
    const Answer answer = co_await context.prober.ask_again(forged);
    const std::int64_t now = remaining_in(answer);
    const Answer again = co_await context.prober.ask_again(ask);
    const std::int64_t ours = remaining_in(again);  // a window that slides gives back to everybody
    if (now > expected && ours < now) {
      context.add(kForged, Status::fail,
                  "with " + std::string(field) + " the count began anew: " + std::to_string(now) + " left, " +
                      std::to_string(ours) + " for this client",
                  {&answer, &again});
      co_return;
    }
    expected = ours;
  }
  context.add(kForged, Status::pass, "six fields with forged addresses were counted as this client's");
}

// Sends until a 429 comes; the answer that ended the burst.
Task<Answer> burst(Context& context, std::vector<std::pair<std::string, double>>& numbers) {
  Answer answer;
  int sent = 0;
  for (; sent < context.target.burst_max; ++sent) {
    Ask ask = context.chat_ask(context.wrong_question());
    answer = co_await context.prober.ask_again(ask);
    if (answer.is_blocked()) break;
  }
  numbers.emplace_back("requests", static_cast<double>(sent));
  co_return answer;
}

void skip_after_no_limit(Context& context, bool reached) {
  for (const Rule* const rule : {&kForged, &kAnnounced, &kRetryAfter})
    context.add(*rule, reached ? Status::skipped : Status::unknown,
                "there is no limit to look at (WEIR-RATE-001)");
}

Task<> send_bursts(Context& context) {
  std::vector<std::pair<std::string, double>> numbers;
  Ask first_ask = context.chat_ask(context.wrong_question());
  const Answer first = co_await context.prober.ask_again(first_ask);
  const Answer last = co_await burst(context, numbers);
  if (last.status != 429) {
    context.add(kStands, last.came ? Status::fail : Status::unknown,
                last.came ? "every one of a burst was answered" : last.blocked_by(), {&last}, numbers);
    skip_after_no_limit(context, last.came);
    co_return;
  }
  context.add(kStands, Status::pass,
              "429 after " + std::to_string(static_cast<int>(numbers[0].second)) + " requests", {&last},
              numbers);
  context.add(
      kAnnounced, remaining_in(first) >= 0 || remaining_in(last) >= 0 ? Status::pass : Status::warn,
      remaining_in(first) >= 0 ? "RateLimit is sent" : "neither RateLimit nor X-RateLimit-Remaining is sent",
      {&first});
  context.add(kRetryAfter, last.headers.contains("retry-after") ? Status::pass : Status::fail,
              "Retry-After: " + context.prober.shown(last.headers.get("retry-after"), 40), {&last});
  for (const std::string_view field : kAddressFields) {
    Ask forged = forged_ask(context, field);
    const Answer answer = co_await context.prober.ask_again(forged);
    if (answer.status == 429) continue;
    context.add(
        kForged, answer.came ? Status::fail : Status::unknown,
        "limited, and with a forged " + std::string(field) + " answered " + std::to_string(answer.status),
        {&answer});
    co_return;
  }
  context.add(kForged, Status::pass, "limited, and six fields with forged addresses did not help");
}

Task<> run(Context& context) {
  if (context.active()) {
    co_await send_bursts(context);
  } else {
    co_await look_at_counts(context);
  }
}

}  // namespace

const Family kRateLimit = {"rate_limit", kRules, run};

}  // namespace weir::ops::check
