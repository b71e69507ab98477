// Item: API keys. Who is let in, and who is not. No question that is asked here can be answered.
#include <array>

#include "base/text.h"
#include "ops/check/families/families.h"

namespace weir::ops::check {
namespace {

constexpr Rule kNone{
    "WEIR-KEY-001", Item::api_keys, "A request without a key is refused",
    "Weir: VALID_API_KEYS=… or `weir keys create`. Elsewhere: check the key before the body is read"};
constexpr Rule kWrong{"WEIR-KEY-002", Item::api_keys, "A request with a wrong key is refused",
                      "compare the key with those that were issued, in constant time"};
constexpr Rule kUrl{"WEIR-KEY-003", Item::api_keys, "A key in the URL is not taken",
                    "take keys from headers only: URLs stand in logs, histories and Referer fields"};
constexpr Rule kRight{
    "WEIR-KEY-004", Item::api_keys, "The probe key is taken",
    "pass a live key with --key or WEIR_API_KEY: `weir keys create --name probe --scopes chat`"};
constexpr std::array kRules{kNone, kWrong, kUrl, kRight};

bool refuses(int status) {
  return status == 401 || status == 403;
}

std::string told(const Answer& answer, std::string_view what) {
  return "status " + std::to_string(answer.status) + " " + std::string(what);
}

// Without a key the same wrong question came as far as with one. A whole question decides, where it may be
// asked: some look at the body first and at the key afterwards.
Task<> judge_none(Context& context, const Answer& without) {
  if (without.is_blocked() || refuses(without.status) || !context.active()) {
    context.judge(kNone, refuses(without.status), Status::fail,
                  told(without, "without a key: nobody asked for one"), without);
    co_return;
  }
  Ask whole =
      context.chat_ask("{\"" + context.target.chat_field + "\":\"weir check: please answer with one word\"}");
  whole.with_key = false;
  const Answer* const asked = co_await context.prober.ask(whole);
  if (refuses(asked->status)) {
    context.add(kNone, Status::warn, "the key is checked only after the body: strangers cost work",
                {&without, asked});
    co_return;
  }
  context.judge(kNone, false, Status::fail, told(*asked, "to a whole question without a key"), *asked);
}

Task<> judge_url(Context& context) {
  if (context.target.key.empty()) {
    context.add(kUrl, Status::skipped, "there is no probe key (--key)");
    co_return;
  }
  if (!context.active()) {
    context.add(kUrl, Status::skipped, "it would write the probe key into access logs; --active asks");
    co_return;
  }
  const std::string key = percent_encode(context.target.key);
  constexpr std::array<std::string_view, 3> kNames{"api_key", "key", "access_token"};
  for (const std::string_view name : kNames) {
    Ask ask = context.chat_ask(context.wrong_question());
    ask.path += "?" + std::string(name) + "=" + key;
    ask.with_key = false;
    const Answer* const answer = co_await context.prober.ask(ask);
    if (answer->is_blocked() || !refuses(answer->status)) {
      context.judge(kUrl, false, Status::fail, told(*answer, "with the key in ?" + std::string(name) + "="),
                    *answer);
      co_return;
    }
  }
  context.add(kUrl, Status::pass, "api_key, key and access_token in the URL are refused");
}

Task<> run(Context& context) {
  Ask ask = context.chat_ask(context.wrong_question());
  const Answer* const with = co_await context.prober.ask(ask);
  ask.with_key = false;
  const Answer* const without = co_await context.prober.ask(ask);
  co_await judge_none(context, *without);
  if (context.target.key.empty()) {
    context.add(kRight, Status::skipped, "there is no probe key (--key)");
  } else if (refuses(with->status)) {
    context.add(kRight, Status::unknown, told(*with, "to the probe key: most checks can tell nothing"),
                {with});
  } else {
    context.judge(kRight, true, Status::fail, told(*with, "to a wrong question with the key"), *with);
  }
  if (context.failed(kNone.id)) {
    context.add(kWrong, Status::skipped, "no key is asked for at all (WEIR-KEY-001)");
    context.add(kUrl, Status::skipped, "no key is asked for at all (WEIR-KEY-001)");
    co_return;
  }
  Ask wrong = context.chat_ask(context.wrong_question());
  wrong.with_key = false;
  wrong.headers.emplace_back("authorization", "Bearer weir-check-wrong-key");
  wrong.headers.emplace_back("x-api-key", "weir-check-wrong-key");
  const Answer* const refused = co_await context.prober.ask(wrong);
  context.judge(kWrong, refuses(refused->status), Status::fail, told(*refused, "to a made-up key"), *refused);
  co_await judge_url(context);
}

}  // namespace

const Family kApiKeys = {"api_keys", kRules, run};

}  // namespace weir::ops::check
