// ops/check/context.h: what a family of checks is given, and where it says what it found.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "net/probe/peer.h"
#include "ops/check/finding.h"
#include "ops/check/prober.h"
#include "ops/check/statements.h"
#include "ops/check/target.h"

namespace weir::ops::check {

// What the target says of itself.
struct Build {
  std::string version;
  std::string config;  // a hash
};

// Of one run; every reference outlives it.
struct Context {
  const Target& target;
  const Statements& statements;
  Prober& prober;
  const net::Peer& peer;  // for what an HTTP client would not send
  const Clock& clock;
  Random& random;
  Build build;
  std::vector<Finding> findings;

  bool active() const { return target.mode != Mode::safe; }

  void add(const Rule& rule, Status status, std::string note,
           std::initializer_list<const Answer*> answers = {},
           std::vector<std::pair<std::string, double>> numbers = {});
  void add(const Rule& rule, Status status, Evidence evidence);
  // pass when `holds`, else `otherwise`; unknown when the answer tells nothing.
  void judge(const Rule& rule, bool holds, Status otherwise, std::string note, const Answer& answer);
  // attested or stale when somebody has said so; else `otherwise`.
  void add_attested(const Rule& rule, Status otherwise, std::string note);
  // Of a rule that was judged before; unknown when it was not.
  Status status_of(std::string_view id) const;
  bool failed(std::string_view id) const { return status_of(id) == Status::fail; }

  // A question that no application can answer: free of cost wherever it is checked before it is asked.
  std::string wrong_question() const;
  Ask chat_ask(std::string body) const;
};

// A file of src/ops/check/families: its rules, which live as long as the process, and the coroutine that
// looks.
struct Family {
  std::string_view name;
  std::span<const Rule> rules;
  Task<> (*run)(Context& context);
};

}  // namespace weir::ops::check
