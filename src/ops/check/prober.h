// ops/check/prober.h: sends the probes of `weir check` and keeps what came back as evidence.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/http_client.h"
#include "ops/check/finding.h"
#include "ops/check/target.h"

namespace weir::ops::check {

struct Ask {
  std::string method = "GET";
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool with_key = true;
};

struct Answer {
  bool came = false;    // there was an answer
  std::string problem;  // otherwise: why not
  int status = 0;
  net::Headers headers;
  std::string body;                                // at most Prober::kBodyMax bytes
  std::vector<std::chrono::nanoseconds> arrivals;  // of the body's pieces, from the request's sending
  Seen seen;

  bool is_json() const;
  // Nothing can be told from it: nobody answered, or a rate limit did.
  bool is_blocked() const { return !came || status == 429; }
  std::string blocked_by() const;  // one sentence
};

// One request after the other, each marked as a probe. Outlives the answers that it hands out.
class Prober {
 public:
  static constexpr std::size_t kBodyMax = 2 * 1024 * 1024;

  Prober(const Target& target, net::HttpClient& client, const Clock& clock, std::string run_id)
      : target_(target), client_(client), clock_(clock), run_id_(std::move(run_id)) {}

  // The same question is sent once in a run, so that families may share it.
  Task<const Answer*> ask(Ask ask);
  Task<Answer> ask_again(Ask ask);

  std::size_t sent() const { return sent_; }
  // Every answer of a run so far, for what looks through all of them.
  std::vector<const Answer*> answers() const;
  // The probe key replaced wherever it stands, control characters too, and cut to a readable length.
  std::string shown(std::string_view text, std::size_t size_max) const;

 private:
  net::ClientRequest request_of(const Ask& ask) const;
  Seen note_of(const Ask& ask, const Answer& answer) const;

  const Target& target_;
  net::HttpClient& client_;
  const Clock& clock_;
  const std::string run_id_;
  std::size_t sent_ = 0;
  std::map<std::string, Answer> answers_;  // by the question's text
};

}  // namespace weir::ops::check
