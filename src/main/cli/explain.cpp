// weir explain: what became of a request, and why.
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "main/cli/commands.h"
#include "main/cli/printable.h"
#include "main/cli/server_call.h"

namespace weir::main {
namespace {

constexpr Flag kFlags[] = {kUrlFlag, {"--json", "", "print the server's JSON answer"}};

constexpr std::string_view kHelp =
    R"(Asks a running Weir how it came to the answer of a request: key, limit, route, each try
with its provider and breaker, cache, price, and the time of each phase. The id stands in
every answer as x-request-id. A server that wants a key gets the one in WEIR_API_KEY,
which must be the one that made the request.

Examples:
  weir explain req_01KX3WZC4Q8H5Y2R9V6T7B1MND
)";

std::string text_of(const json::value& object, std::string_view name) {
  return printable(string_member(object, name));
}

// A member as one would write it: numbers with their unit, what is absent as "-".
std::string shown(const json::value& object, std::string_view name, std::string_view unit = {}) {
  const json::value* const value = find_member(object, name);
  if (value == nullptr || value->is_null()) return "-";
  if (value->is_string()) return printable(value->get_string());
  return json::serialize(*value) + std::string(unit);
}

std::string milliseconds(const json::value& object, std::string_view name) {
  const json::value* const value = find_member(object, name);
  if (value == nullptr || !value->is_number()) return "-";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f ms", value->to_number<double>());
  return text.data();
}

void line(std::ostream& out, std::string_view name, const std::string& value) {
  out << name << std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') << value << '\n';
}

void print_try(std::ostream& out, std::size_t number, const json::value& tried) {
  line(out, "  try " + std::to_string(number),
       text_of(tried, "provider") + " " + text_of(tried, "model") + ": " + text_of(tried, "outcome") +
           ", status " + shown(tried, "status") + ", breaker " + text_of(tried, "breaker") + ", queue " +
           milliseconds(tried, "queue_ms") + ", connect " + milliseconds(tried, "connect_ms") +
           ", first byte " + milliseconds(tried, "first_byte_ms") + ", then a pause of " +
           milliseconds(tried, "pause_ms"));
}

void print_call(std::ostream& out, const json::value& call) {
  line(out, "route", text_of(call, "route"));
  if (const json::value* const shadows = find_member(call, "shadows");
      shadows != nullptr && shadows->is_array()) {
    for (const json::value& shadow : shadows->get_array()) {
      if (shadow.is_string()) line(out, "  shadow", printable(shadow.get_string()) + " would have decided");
    }
  }
  if (const json::value* const left = find_member(call, "left_out"); left != nullptr && left->is_array()) {
    for (const json::value& one : left->get_array())
      line(out, "  left out",
           text_of(one, "provider") + " " + text_of(one, "model") + ": " + text_of(one, "why"));
  }
  std::size_t number = 0;
  if (const json::value* const tries = find_member(call, "tries"); tries != nullptr && tries->is_array()) {
    for (const json::value& tried : tries->get_array()) print_try(out, ++number, tried);
  }
  line(out, "  end", text_of(call, "end") + ", error " + shown(call, "error"));
  if (const json::value* const warm = find_member(call, "warm_cache"); warm != nullptr && warm->is_object()) {
    line(out, "  warm cache",
         shown(*warm, "tokens") + " tokens at " + text_of(*warm, "provider") + "; leaving counts " +
             milliseconds(*warm, "leaving_counts_ms"));
  }
  if (const json::value* const price = find_member(call, "price"); price != nullptr && price->is_object()) {
    line(out, "price", "$" + text_of(*price, "cost_usd") + " by the row " + text_of(*price, "row"));
    if (const json::value* const usage = find_member(*price, "usage");
        usage != nullptr && usage->is_object()) {
      for (const auto& [name, count] : usage->get_object())
        if (count.is_int64() && count.get_int64() != 0)
          line(out, "  ", printable(name) + " " + std::to_string(count.get_int64()));
    }
  }
  line(out, "call", milliseconds(call, "duration_ms"));
}

void print_limit(std::ostream& out, const json::value& request) {
  const json::value* const rate = find_member(request, "rate_limit");
  if (rate == nullptr || !rate->is_object()) return line(out, "rate limit", "not asked");
  line(out, "rate limit",
       shown(*rate, "count") + " in " + shown(*rate, "window_s", " s") + ", " + shown(*rate, "remaining") +
           " left");
}

void print_request(std::ostream& out, const json::value& request) {
  line(out, "request", text_of(request, "id") + " at " + text_of(request, "at"));
  line(out, "asked",
       text_of(request, "method") + " " + text_of(request, "endpoint") + " " + text_of(request, "model"));
  line(out, "state", text_of(request, "state") + ", status " + shown(request, "status"));
  if (const json::value* const error = find_member(request, "error"); error != nullptr && error->is_object())
    line(out, "error", text_of(*error, "code") + ": " + text_of(*error, "message"));
  if (!string_member(request, "refused_by").empty()) line(out, "refused by", text_of(request, "refused_by"));
  if (const json::value* const key = find_member(request, "key"))
    line(out, "key", text_of(*key, "id") + " of tenant " + text_of(*key, "tenant"));
  print_limit(out, request);
  if (const json::value* const cache = find_member(request, "cache"))
    line(out, "cache", text_of(*cache, "state"));
  if (const json::value* const stream = find_member(request, "stream");
      stream != nullptr && stream->is_object())
    line(out, "stream", text_of(*stream, "id") + " begun by " + text_of(*stream, "begun_by"));
  if (const json::value* const calls = find_member(request, "calls"); calls != nullptr && calls->is_array()) {
    for (const json::value& call : calls->get_array()) print_call(out, call);
  }
  if (const json::value* const phases = find_member(request, "phases_ms");
      phases != nullptr && phases->is_object()) {
    out << "phases\n";
    for (const auto& [name, time] : phases->get_object())
      line(out, "  " + printable(name), milliseconds(*phases, name));
  }
}

int run(const Arguments& arguments, World& world) {
  const auto answer =
      call_server(world, arguments,
                  {.method = "GET", .target = "/api/requests/" + percent_encode(arguments.positionals[0])});
  if (!answer) return report_call(world, answer.error());
  if (arguments.has("--json")) {
    world.out << answer->body << '\n';
    return kExitOk;
  }
  const auto request = parse_json(answer->body);
  if (!request) return report(world, request.error());
  print_request(world.out, *request);
  return kExitOk;
}

}  // namespace

const Command kExplainCommand = {"explain", "tell how a request was answered", "ID", 1, 1, kFlags, kHelp,
                                 run};

}  // namespace weir::main
