// Beyond the checklist: whether a stream comes through the public edge as it is written.
#include <array>

#include "base/text.h"
#include "ops/check/families/families.h"

namespace weir::ops::check {
namespace {

constexpr Rule kIncrements{
    "WEIR-STREAM-001", Item::streaming, "Streams arrive in increments",
    "nginx: proxy_buffering off; Next.js: compress: false or Cache-Control: no-transform; CDN: no "
    "buffering for text/event-stream"};
constexpr Rule kPlain{"WEIR-STREAM-002", Item::streaming, "Streams are text/event-stream, and not encoded",
                      "take text/event-stream out of the compressor's list of types"};
constexpr Rule kFields{
    "WEIR-STREAM-003", Item::streaming, "Streams tell proxies not to hold them back",
    "send Cache-Control: no-cache, no-transform and X-Accel-Buffering: no with every stream"};
constexpr std::array kRules{kIncrements, kPlain, kFields};

constexpr std::size_t kPiecesMin = 3;                // fewer tell nothing
constexpr std::chrono::milliseconds kSpreadMin{30};  // of an answer that took longer than kWholeMin
constexpr std::chrono::milliseconds kWholeMin{100};

std::size_t count_events(std::string_view body) {
  std::size_t events = 0;
  for (std::size_t at = body.find("data:"); at != body.npos; at = body.find("data:", at + 5)) ++events;
  return events;
}

Task<const Answer*> ask_for_stream(Context& context) {
  const Target& target = context.target;
  Ask ask{.path = target.stream};
  if (target.stream == target.chat) {
    ask = context.chat_ask("{\"" + target.chat_field +
                           "\":\"weir check: please count to ten\",\"stream\":true}");
  }
  ask.headers.emplace_back("accept", "text/event-stream");
  ask.headers.emplace_back("accept-encoding", "gzip, br");
  const Answer* const answer = co_await context.prober.ask(ask);
  co_return answer;
}

void judge_increments(Context& context, const Answer& answer) {
  const std::size_t events = count_events(answer.body);
  const auto first = answer.arrivals.empty() ? std::chrono::nanoseconds(0) : answer.arrivals.front();
  const auto whole = answer.arrivals.empty() ? std::chrono::nanoseconds(0) : answer.arrivals.back();
  const auto spread = whole - first;
  const auto ms = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
  };
  std::vector<std::pair<std::string, double>> numbers{{"events", static_cast<double>(events)},
                                                      {"pieces", static_cast<double>(answer.arrivals.size())},
                                                      {"first_ms", ms(first)},
                                                      {"last_ms", ms(whole)}};
  const bool encoded = answer.headers.contains("content-encoding");  // its events cannot be counted
  if (!encoded && (events < kPiecesMin || whole < kWholeMin)) {
    return context.add(kIncrements, Status::unknown, "the answer is too short to tell", {&answer},
                       std::move(numbers));
  }
  const bool flows = answer.arrivals.size() >= kPiecesMin && spread >= kSpreadMin && spread * 4 >= whole;
  context.add(kIncrements, flows ? Status::pass : Status::fail,
              flows ? "the events came one by one" : "everything came in one block at the end", {&answer},
              std::move(numbers));
}

Task<> run(Context& context) {
  const Target& target = context.target;
  if (target.stream == target.chat && !context.active()) {
    for (const Rule& rule : kRules)
      context.add(rule, Status::skipped,
                  "a streamed answer of " + target.chat + " may cost tokens; --active asks for one");
    co_return;
  }
  const Answer* const answer = co_await ask_for_stream(context);
  if (answer->is_blocked() || answer->status == 401 || answer->status == 403) {
    for (const Rule& rule : kRules)
      context.add(rule, Status::unknown,
                  answer->is_blocked() ? answer->blocked_by() : "the key stood in the way", {answer});
    co_return;
  }
  if (answer->status == 404 || answer->status == 405) {
    for (const Rule& rule : kRules)
      context.add(rule, Status::skipped,
                  "there is no " + target.stream +
                      "; name a route that streams with --stream, or pass --active --stream " + target.chat,
                  {answer});
    co_return;
  }
  const std::string type = to_lower(answer->headers.get("content-type"));
  const std::string coding(answer->headers.get("content-encoding"));
  const bool plain = type.starts_with("text/event-stream") && (coding.empty() || coding == "identity");
  context.judge(kPlain, answer->status == 200 && plain, Status::fail,
                "status " + std::to_string(answer->status) + ", " + context.prober.shown(type, 60) +
                    (coding.empty() ? "" : ", Content-Encoding: " + coding),
                *answer);
  if (answer->status != 200 || !type.starts_with("text/event-stream")) {
    context.add(kIncrements, Status::skipped, "there is no stream to look at (WEIR-STREAM-002)");
    context.add(kFields, Status::skipped, "there is no stream to look at (WEIR-STREAM-002)");
    co_return;
  }
  judge_increments(context, *answer);
  const std::string control = to_lower(answer->headers.joined("cache-control"));
  const bool told = control.contains("no-transform") && answer->headers.get("x-accel-buffering") == "no";
  context.judge(kFields, told, Status::warn,
                "Cache-Control: " + context.prober.shown(control, 100) + ", X-Accel-Buffering: " +
                    context.prober.shown(answer->headers.get("x-accel-buffering"), 20),
                *answer);
}

}  // namespace

const Family kStreaming = {"streaming", kRules, run};

}  // namespace weir::ops::check
