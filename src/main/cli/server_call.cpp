#include "main/cli/server_call.h"

#include "base/json.h"
#include "main/cli/await.h"
#include "main/cli/printable.h"
#include "net/client.h"

namespace weir::main {
namespace {

constexpr std::size_t kAnswerSizeMax = 16 * 1024 * 1024;
constexpr std::string_view kDefaultUrl = "http://127.0.0.1:8080";

std::string from_environment(const World& world, const std::string& name) {
  const auto found = world.environment.find(name);
  return found == world.environment.end() ? std::string() : found->second;
}

Task<Result<ServerAnswer>> send(net::Client& client, net::Origin origin, net::ClientRequest request) {
  const net::ClientTimeouts timeouts;
  auto response = co_await client.send(origin, std::move(request), timeouts);
  if (!response) {
    co_return fail(Code::unavailable, "no Weir answers: " + response.error().message,
                   "start one with `weir serve`, or name another with --url or WEIR_URL");
  }
  ServerAnswer answer{.status = (*response)->status(), .headers = (*response)->headers()};
  auto body = co_await net::read_all(**response, kAnswerSizeMax);
  if (!body) co_return fail(body);
  answer.body = *std::move(body);
  co_return answer;
}

Error refusal(const ServerAnswer& answer) {
  const auto value = parse_json(answer.body);
  const std::string_view said = value ? string_member(*value, "error") : std::string_view();
  return {Code::upstream_failed,
          said.empty() ? "the server answered " + std::to_string(answer.status) : printable(said),
          answer.status == 401 ? "set WEIR_API_KEY to a key of that server (`weir keys create` makes one)"
                               : printable(value ? string_member(*value, "hint") : std::string_view())};
}

}  // namespace

std::string server_url(const Arguments& arguments, const World& world) {
  const std::string named = from_environment(world, "WEIR_URL");
  return arguments.get("--url", named.empty() ? std::string(kDefaultUrl) : named);
}

Result<ServerAnswer> call_server(const World& world, const Arguments& arguments, ServerRequest wanted) {
  const auto origin = net::Origin::parse(server_url(arguments, world));
  if (!origin) return fail(origin.error());
  net::ClientRequest request;
  request.method = std::move(wanted.method);
  request.target = std::move(wanted.target);
  request.headers.add("accept", "application/json");
  request.headers.add("user-agent", "weir/" WEIR_VERSION);
  if (const std::string key = from_environment(world, "WEIR_API_KEY"); !key.empty())
    request.headers.add("authorization", "Bearer " + key);
  const SystemClock clock;
  observe::Log log({.level = observe::Level::error}, clock);
  observe::Metrics metrics;
  net::WorkerPool resolver("resolver", 1, 8);
  net::Client client({}, resolver, log, metrics);
  const std::function<Task<Result<ServerAnswer>>()> work = [&] { return send(client, *origin, request); };
  auto answer = await(log, work);
  if (!answer) return fail(answer);
  if (answer->status >= 300) return fail(refusal(*answer));
  return answer;
}

int report_call(World& world, const Error& error) {
  report(world, error);
  if (error.code == Code::unavailable) return kExitUnreachable;
  return error.code == Code::invalid_request ? kExitUsage : kExitFailed;
}

}  // namespace weir::main
