// Item: error handling and logging. What wrong requests are answered, and what the answers give away.
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "ops/check/families/families.h"

namespace weir::ops::check {
namespace {

constexpr Rule kMalformed{
    "WEIR-ERR-001", Item::error_handling, "Malformed JSON is answered 400",
    "catch what the JSON parser throws and answer 400: a 500 wakes people for a client's typing error"};
constexpr Rule kWrongType{"WEIR-ERR-002", Item::error_handling, "A field of the wrong type is answered 400",
                          "validate each field's type before it is used, and name the field in the answer"};
constexpr Rule kTooLong{
    "WEIR-ERR-003", Item::error_handling, "A message over the limit is refused",
    "Weir: edge.message_chars_max = 10000. Elsewhere: count characters before the model is called"};
constexpr Rule kUnknownRoute{"WEIR-ERR-004", Item::error_handling,
                             "An unknown API route is answered 404 in JSON",
                             "answer 404 with a JSON body under /api; no page, no 200"};
constexpr Rule kWrongMethod{"WEIR-ERR-005", Item::error_handling, "A wrong method is answered 405 with Allow",
                            "answer 405 and name the methods that are there in Allow (RFC 9110 §15.5.6)"};
constexpr Rule kDiscreet{
    "WEIR-ERR-006", Item::error_handling, "Errors give no stack traces or paths away",
    "run in production mode (NODE_ENV=production), and log the details instead of sending them"};
constexpr Rule kNamed{"WEIR-ERR-007", Item::error_handling,
                      "An error names its request, so that the log can be searched",
                      "send X-Request-Id with every answer, and log it"};
constexpr Rule kTooLarge{
    "WEIR-ERR-008", Item::error_handling, "A huge body is refused before it is sent",
    "Weir: edge.chat_body_size_max. Elsewhere: refuse by Content-Length with 413 before reading"};
constexpr std::array kRules{kMalformed,   kWrongType, kTooLong, kUnknownRoute,
                            kWrongMethod, kDiscreet,  kNamed,   kTooLarge};

bool is_client_error(const Answer& answer) {
  return answer.status >= 400 && answer.status < 500 && answer.status != 401 && answer.status != 403;
}

std::string told(const Answer& answer) {
  return "status " + std::to_string(answer.status);
}

// What a closed door cannot show.
void judge_behind_key(Context& context, const Rule& rule, bool holds, const Answer& answer) {
  if (answer.status == 401 || answer.status == 403) {
    context.add(rule, Status::unknown, told(answer) + ": the key stood in the way", {&answer});
    return;
  }
  context.judge(rule, holds, Status::fail, told(answer), answer);
}

bool speaks_of_length(const Answer& answer) {
  const std::string body = to_lower(answer.body);
  constexpr std::array<std::string_view, 6> kWords{"character", "too long", "length",
                                                   "10000",     "10,000",   "10001"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return body.contains(word); });
}

// A second fault in the same body keeps an application that does not count from asking its model.
Task<> judge_length(Context& context) {
  const std::string text(static_cast<std::size_t>(context.target.message_chars_max) + 1, 'a');
  json::object body{{context.target.chat_field, text}};
  if (!context.active()) body["history"] = "weir check";
  Ask ask = context.chat_ask(to_json(body));
  const Answer* const answer = co_await context.prober.ask(ask);
  if (context.active() || answer->status < 400 || answer->status >= 500) {
    judge_behind_key(context, kTooLong, is_client_error(*answer), *answer);
  } else if (answer->status == 413 || speaks_of_length(*answer)) {
    judge_behind_key(context, kTooLong, true, *answer);
  } else {
    context.add(kTooLong, Status::unknown, "refused for another reason; --active asks with a whole message",
                {answer});
  }
}

std::string trace_in(std::string_view body) {
  constexpr std::array<std::string_view, 12> kSigns{
      "node_modules", "\n    at ",  "\\n    at ",       "Traceback (most recent",
      "File \\\"/",   "/home/",     "/usr/lib/",        "/app/",
      ".java:",       "goroutine ", "webpack-internal", "SQLSTATE"};
  for (const std::string_view sign : kSigns) {
    if (body.contains(sign)) return std::string(trim(sign));
  }
  return {};
}

void judge_bodies(Context& context) {
  const Answer* named = nullptr;
  for (const Answer* const answer : context.prober.answers()) {
    if (answer->status < 400) continue;
    named = answer;
    const std::string sign = trace_in(answer->body);
    if (sign.empty()) continue;
    context.add(kDiscreet, Status::fail, "an error's body contains \"" + sign + "\"", {answer});
    return;
  }
  if (named == nullptr) return context.add(kDiscreet, Status::unknown, "no error could be provoked");
  context.add(kDiscreet, Status::pass, "no error's body shows the inside", {named});
}

void judge_request_id(Context& context, const Answer& answer) {
  bool named = to_lower(answer.body).contains("request_id") || to_lower(answer.body).contains("requestid");
  constexpr std::array<std::string_view, 7> kNames{"x-request-id", "request-id",  "x-correlation-id",
                                                   "traceparent",  "x-vercel-id", "x-amzn-requestid",
                                                   "cf-ray"};
  for (const std::string_view name : kNames) named = named || answer.headers.contains(name);
  context.judge(kNamed, named, Status::warn, named ? "the answer carries an id" : "the answer carries no id",
                answer);
}

// Only the head of the request is sent. Who asks for the rest with 100 would read all of it.
void judge_huge_body(Context& context) {
  const Target& target = context.target;
  std::string head =
      "POST " + target.origin.base_path + target.chat + " HTTP/1.1\r\nhost: " + target.origin.host +
      "\r\nuser-agent: weir-check\r\ncontent-type: application/json\r\ncontent-length: 1073741824\r\n"
      "expect: 100-continue\r\nconnection: close\r\n";
  Seen seen{.sent = head, .at = context.clock.wall()};
  if (!target.key.empty())
    head += target.key_header + ": " + (target.key_header == "authorization" ? "Bearer " : "") + target.key +
            "\r\n";
  const auto answer = context.peer.exchange(head + "\r\n");
  Evidence evidence{.note = answer ? "a body of 1 GiB was announced" : answer.error().message};
  std::erase(seen.sent, '\r');
  const std::string line = answer ? answer->substr(0, answer->find('\r')) : "";
  seen.received = answer && line.empty() ? "nothing for seconds" : context.prober.shown(line, 200);
  evidence.seen.push_back(std::move(seen));
  const bool refused = line.starts_with("HTTP/1.1 4");
  Status status = refused ? Status::pass : Status::fail;
  if (!answer || line.starts_with("HTTP/1.1 429") || line.starts_with("HTTP/1.1 401"))
    status = Status::unknown;
  if (answer && line.empty()) status = Status::warn;
  context.add(kTooLarge, status, std::move(evidence));
}

Task<> run(Context& context) {
  Ask broken = context.chat_ask("{\"" + context.target.chat_field + "\": \"weir check\"");
  const Answer* const malformed = co_await context.prober.ask(broken);
  judge_behind_key(context, kMalformed, is_client_error(*malformed), *malformed);
  Ask wrong = context.chat_ask(context.wrong_question());
  const Answer* const wrong_type = co_await context.prober.ask(wrong);
  judge_behind_key(context, kWrongType, is_client_error(*wrong_type), *wrong_type);
  co_await judge_length(context);
  Ask nowhere{.path = "/api/weir-check-no-such-route"};
  const Answer* const unknown = co_await context.prober.ask(nowhere);
  context.judge(kUnknownRoute, unknown->status == 404 && unknown->is_json(), Status::fail,
                told(*unknown) + (unknown->is_json() ? ", JSON" : ", no JSON"), *unknown);
  Ask method{.method = "DELETE", .path = context.target.chat};
  const Answer* const not_allowed = co_await context.prober.ask(method);
  const bool holds = not_allowed->status == 405 && not_allowed->headers.contains("allow");
  judge_behind_key(context, kWrongMethod, holds, *not_allowed);
  judge_request_id(context, *unknown);
  judge_huge_body(context);
  judge_bodies(context);
}

}  // namespace

const Family kErrors = {"errors", kRules, run};

}  // namespace weir::ops::check
