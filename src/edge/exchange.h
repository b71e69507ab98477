// edge/exchange.h: everything the edge knows about one request while it is being answered.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/ip.h"
#include "data/keys.h"
#include "data/limits.h"
#include "edge/body_budget.h"
#include "model/call.h"
#include "net/http.h"

namespace weir::edge {

struct Route;
class Outlet;

// Whose manners an answer follows: Weir's own {"error": "…"}, Anthropic's or OpenAI's envelope, AWS's
// {"message"}, Google's {"error": {"status"}}.
enum class ApiShape : std::uint8_t { weir, anthropic, openai, aws, google };

// W3C Trace Context: the caller's trace when it sent a sane one, else a new one. Lower-case hex.
struct TraceContext {
  std::array<char, 32> trace_id{};
  std::array<char, 16> span_id{};    // of this request
  std::array<char, 16> parent_id{};  // of the caller; zeros when there is none
  bool sampled = false;
  bool has_parent = false;
  std::string_view trace() const { return {trace_id.data(), trace_id.size()}; }
  std::string_view span() const { return {span_id.data(), span_id.size()}; }
};

// Lives in the frame of Pipeline::run; whoever holds a reference is called from there.
struct Exchange {
  Exchange(net::Request& incoming, Outlet& answer, BodyPass pass = {})
      : request(incoming), out(answer), body_pass(std::move(pass)) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  net::Request& request;
  Outlet& out;                     // where the answer goes; a net::Responder
  const Route* route = nullptr;    // set before any policy runs
  std::string path;                // request.path with /api/v1 read as /api
  std::string_view path_argument;  // what {id} of the pattern matched
  std::string allow;               // the methods of the path, for 405 and OPTIONS only

  std::string id;  // "req_…"
  TraceContext trace;
  IpAddress client;
  std::string client_text;
  bool secure = false;  // the client speaks TLS, to us or to a trusted proxy
  data::Principal principal;
  std::string signed_by;   // the AWS access key id whose signature is still to be proven; empty: none
  bool in_flight = false;  // counted by the in-flight limit
  BodyPass body_pass;      // for the bytes of the body that are in memory; released when they are not

  // For the explanation (explanation.h), filled in by who knows it.
  const Clock* clock = nullptr;  // null: nobody measures
  Monotonic started{};
  WallTime arrived{};
  Monotonic admitted{};                  // passed every policy; 0: did not
  std::chrono::nanoseconds body_wait{};  // reading the request's body
  std::string_view refused_by;           // the policy's name; empty: none did
  struct Rate {
    std::string rule;  // of those that were asked, the tightest
    data::Limit limit;
    data::Verdict verdict;
  };
  std::optional<Rate> rate;                  // nullopt: not asked
  std::shared_ptr<model::CallSummary> call;  // null: no model was called; shared: see model::Attribution
  std::string stream_id;                     // of a resumable answer
  std::string stream_begun_by;               // the request that it belongs to, when this one goes on with it

  // For the log entry, filled in by who knows them.
  std::string model;
  std::optional<Error> failure;  // what the caller was told, or could not be told any more
};

// Adds the time that it lives to exchange.body_wait.
class BodyTimer {
 public:
  explicit BodyTimer(Exchange& exchange) : exchange_(exchange), began_at_(now()) {}
  ~BodyTimer() { exchange_.body_wait += now() - began_at_; }
  BodyTimer(const BodyTimer&) = delete;
  BodyTimer& operator=(const BodyTimer&) = delete;

 private:
  Monotonic now() const { return exchange_.clock != nullptr ? exchange_.clock->monotonic() : Monotonic(0); }

  Exchange& exchange_;
  const Monotonic began_at_;
};

}  // namespace weir::edge
