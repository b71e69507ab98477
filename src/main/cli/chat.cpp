// weir chat: one question to a running server.
#include <set>

#include "base/json.h"
#include "main/cli/await.h"
#include "main/cli/commands.h"
#include "main/cli/printable.h"
#include "net/client.h"
#include "net/sse/sse.h"

namespace weir::main {
namespace {

constexpr std::size_t kWordsMax = 10'000;
constexpr std::size_t kAnswerMax = 16 * 1024 * 1024;  // bytes of an answer that is not streamed
constexpr std::string_view kDefaultUrl = "http://127.0.0.1:8080";

constexpr Flag kFlags[] = {{"--url", "URL", "the server (WEIR_URL; default: http://127.0.0.1:8080)"},
                           {"--json", "", "print the server's JSON answer"}};

constexpr std::string_view kHelp =
    R"(Asks a running Weir and prints the answer as it is written, then its sources. A server
that wants a key gets the one in WEIR_API_KEY.

Examples:
  weir chat "How long is the warranty?"
  WEIR_API_KEY=weir_live_… weir chat --url https://weir.example.com "What is new?"
)";

// Prints a streamed answer, event by event.
class AnswerPrinter {
 public:
  explicit AnswerPrinter(World& world) : world_(world) {}

  void take(const net::SseEvent& event) {
    const auto value = parse_json(event.data);
    if (!value) return;
    if (event.event == "text") {
      world_.out << printable(string_member(*value, "delta")) << std::flush;
    } else if (event.event == "citation") {
      cite(*value);
    } else if (event.event == "error") {
      failure_ = Error(Code::upstream_failed, std::string(string_member(*value, "error")),
                       std::string(string_member(*value, "hint")));
    } else if (event.event == "done") {
      finished_ = true;
      print_sources(*value);
    }
  }

  Result<> outcome() const {
    if (failure_) return fail(*failure_);
    if (!finished_)
      return fail(Code::internal, "the connection ended before the answer was whole", "ask again");
    return {};
  }

 private:
  static std::int64_t number_of(const json::value& value, std::string_view name) {
    const json::value* const number = find_member(value, name);
    return number != nullptr && number->is_int64() ? number->get_int64() : 0;
  }

  void cite(const json::value& citation) {
    const std::int64_t number = number_of(citation, "source_number");
    world_.out << " [" << number << ']' << std::flush;
    cited_.insert(number);
  }

  // Those that the answer cites.
  void print_sources(const json::value& answer) {
    world_.out << '\n';
    const auto* sources = find_member(answer, "sources");
    const auto* list = sources ? sources->if_array() : nullptr;
    if (!cited_.empty()) world_.out << "\nSources:\n";
    for (std::size_t i = 0; list && i < list->size(); ++i) {
      const json::value& source = (*list)[i];
      const std::int64_t number = number_of(source, "number");
      if (!cited_.contains(number)) continue;
      world_.out << "  [" << number << "] " << printable(string_member(source, "title"));
      const std::string_view heading = string_member(source, "heading");
      if (!heading.empty()) world_.out << ", " << printable(heading);
      const std::string_view from = string_member(source, "source");
      if (!from.empty()) world_.out << " (" << printable(from) << ")";
      world_.out << '\n';
    }
    const std::string_view kind = string_member(answer, "kind");
    if (kind == "model") return;
    world_.err << '\n'
               << (kind == "extractive" ? "quoted from the documents, no model wrote this: "
                                        : "no model was asked: ")
               << reason_of(string_member(answer, "fallback_reason")) << '\n';
  }

  static std::string reason_of(std::string_view reason) {
    if (reason == "no_api_key") return "the server has no ANTHROPIC_API_KEY";
    if (reason == "upstream_failed") return "Claude could not be reached";
    if (reason == "timed_out") return "Claude did not answer in time";
    return printable(reason);
  }

  World& world_;
  std::set<std::int64_t> cited_;
  bool finished_ = false;
  std::optional<Error> failure_;
};

// `body` outlives the request, which borrows it.
net::ClientRequest request_for(std::string_view body, bool streamed, const Environment& environment) {
  net::ClientRequest request;
  request.target = "/api/chat";
  request.headers.add("content-type", "application/json");
  request.headers.add("accept", streamed ? "text/event-stream" : "application/json");
  request.headers.add("user-agent", "weir/" WEIR_VERSION);
  if (const auto key = environment.find("WEIR_API_KEY"); key != environment.end() && !key->second.empty()) {
    request.headers.add("authorization", "Bearer " + key->second);
  }
  request.body = body;
  return request;
}

Result<> refusal(int status, const std::string& body) {
  const auto value = parse_json(body);
  const std::string_view said = value ? string_member(*value, "error") : std::string_view();
  return fail(Code::upstream_failed,
              said.empty() ? "the server answered " + std::to_string(status) : printable(said),
              status == 401 ? "set WEIR_API_KEY to a key of that server (`weir keys create` makes one)"
                            : printable(value ? string_member(*value, "hint") : std::string_view()));
}

struct Asked {
  bool reached = false;  // the server answered at all
  Result<> outcome;
};

// The whole conversation with the server. `asked.reached` tells "nobody there" from "it said no".
Task<Result<Asked>> ask(net::Client& client, net::Origin origin, net::ClientRequest request, bool streamed,
                        World& world) {
  Asked asked;
  const net::ClientTimeouts timeouts;
  auto response = co_await client.send(origin, std::move(request), timeouts);
  if (!response) {
    asked.outcome = fail(response);
    co_return asked;
  }
  asked.reached = true;
  net::ClientResponse& answer = **response;
  if (answer.status() != 200 || !streamed) {
    auto body = co_await net::read_all(answer, kAnswerMax);
    if (!body) {
      asked.outcome = fail(body);
    } else if (answer.status() != 200) {
      asked.outcome = refusal(answer.status(), *body);
    } else {
      world.out << *body << '\n';
    }
    co_return asked;
  }
  AnswerPrinter printer(world);
  net::SseParser parser;
  const std::function<void(const net::SseEvent&)> on_event = [&](const net::SseEvent& event) {
    printer.take(event);
  };
  while (true) {
    auto piece = co_await answer.read();
    if (!piece || piece->empty()) break;  // a stream that was cut is known by its missing end
    if (auto fed = parser.feed(*piece, on_event); !fed) {
      asked.outcome = fail(fed);
      co_return asked;
    }
  }
  asked.outcome = printer.outcome();
  co_return asked;
}

int run(const Arguments& arguments, World& world) {
  const auto from_environment = world.environment.find("WEIR_URL");
  const bool in_environment =
      from_environment != world.environment.end() && !from_environment->second.empty();
  const std::string url =
      arguments.get("--url", in_environment ? from_environment->second : std::string(kDefaultUrl));
  const auto origin = net::Origin::parse(url);
  if (!origin) {
    report(world, origin.error());
    return kExitUsage;
  }
  std::string question;
  for (const std::string& word : arguments.positionals) question += (question.empty() ? "" : " ") + word;

  const SystemClock clock;
  observe::Log log({.level = observe::Level::error}, clock);
  observe::Metrics metrics;
  net::WorkerPool resolver("resolver", 1, 8);
  net::Client client({}, resolver, log, metrics);
  const bool streamed = !arguments.has("--json");
  const std::string body = to_json({{"message", question}, {"stream", streamed}});
  const std::function<Task<Result<Asked>>()> work = [&] {
    return ask(client, *origin, request_for(body, streamed, world.environment), streamed, world);
  };
  const auto asked = await(log, work);
  if (!asked) return report(world, asked.error());
  if (asked->outcome) return kExitOk;
  if (asked->reached) return report(world, asked->outcome.error());
  report(world, Error(Code::unavailable, "no Weir answers: " + asked->outcome.error().message,
                      "start one with `weir serve`, or name another with --url or WEIR_URL"));
  return kExitUnreachable;
}

}  // namespace

const Command kChatCommand = {"chat", "ask a running server", "QUESTION", 1, kWordsMax, kFlags, kHelp, run};

}  // namespace weir::main
