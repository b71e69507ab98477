// ops/upstream/open_answer.h: what the simulated provider counts while it answers.
#pragma once

#include "ops/upstream/simulator.h"

namespace weir::ops::upstream {

// An answer that is being prepared or sent; one that ends without done() counts as aborted, however
// it ends: a client that leaves cancels the task in any of its waits.
class OpenAnswer {
 public:
  explicit OpenAnswer(Simulator::Stats& stats) : stats_(stats) {}
  ~OpenAnswer() {
    if (!handed_on_) ++(done_ ? stats_.completed : stats_.aborted);
  }
  OpenAnswer(const OpenAnswer&) = delete;
  OpenAnswer& operator=(const OpenAnswer&) = delete;
  void done() { done_ = true; }
  void hand_on() { handed_on_ = true; }  // another one counts what follows

 private:
  Simulator::Stats& stats_;
  bool done_ = false;
  bool handed_on_ = false;
};

class OpenStream {
 public:
  explicit OpenStream(Simulator::Stats& stats) : stats_(stats) { ++stats_.open_streams; }
  ~OpenStream() { --stats_.open_streams; }
  OpenStream(const OpenStream&) = delete;
  OpenStream& operator=(const OpenStream&) = delete;

 private:
  Simulator::Stats& stats_;
};

}  // namespace weir::ops::upstream
