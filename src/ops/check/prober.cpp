#include "ops/check/prober.h"

#include "base/json.h"
#include "base/text.h"

namespace weir::ops::check {
namespace {

constexpr std::size_t kShownBody = 300;     // bytes of a body in evidence
constexpr std::size_t kShownFields = 1200;  // bytes of a head in evidence

std::string text_of(const Ask& ask) {
  std::string text = ask.method + " " + ask.path + (ask.with_key ? " with key\n" : "\n");
  for (const auto& [name, value] : ask.headers) text += name + ": " + value + "\n";
  return text + "\n" + ask.body;
}

std::string milliseconds_text(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) + " ms";
}

}  // namespace

bool Answer::is_json() const {
  return to_lower(headers.get("content-type")).contains("json") && parse_json(body).has_value();
}

std::string Answer::blocked_by() const {
  if (!came) return "no answer came: " + problem;
  const std::string_view after = headers.get("retry-after");
  return "the rate limit answered instead (429)" +
         (after.empty() ? std::string() : "; ask again in " + std::string(after) + " s");
}

Task<const Answer*> Prober::ask(Ask ask) {
  const std::string question = text_of(ask);
  const auto known = answers_.find(question);
  if (known != answers_.end()) co_return &known->second;
  Answer answer = co_await ask_again(std::move(ask));
  co_return &answers_.insert_or_assign(question, std::move(answer)).first->second;
}

Task<Answer> Prober::ask_again(Ask ask) {
  net::ClientTimeouts timeouts;
  timeouts.first_byte = std::chrono::seconds(30);
  timeouts.idle = std::chrono::seconds(30);
  ++sent_;
  Answer answer;
  const Monotonic begun = clock_.monotonic();
  answer.seen.at = clock_.wall();
  net::ClientRequest request = request_of(ask);
  auto response = co_await client_.send(target_.origin, std::move(request), timeouts);
  if (!response) {
    answer.problem = response.error().message;
  } else {
    answer.came = true;
    answer.status = (*response)->status();
    answer.headers = (*response)->headers();
    while (answer.body.size() < kBodyMax) {
      auto piece = co_await (*response)->read();
      if (!piece) answer.problem = "the answer broke off: " + piece.error().message;
      if (!piece || piece->empty()) break;
      answer.arrivals.push_back(clock_.monotonic() - begun);
      answer.body += piece->substr(0, kBodyMax - answer.body.size());
    }
  }
  answer.seen = note_of(ask, answer);
  answer.seen.took_ms = std::chrono::duration<double, std::milli>(clock_.monotonic() - begun).count();
  answer.seen.at = clock_.wall();
  co_return answer;
}

std::vector<const Answer*> Prober::answers() const {
  std::vector<const Answer*> out;
  for (const auto& [question, answer] : answers_) out.push_back(&answer);
  return out;
}

std::string Prober::shown(std::string_view text, std::size_t size_max) const {
  std::string out(text);
  if (!target_.key.empty()) {
    for (std::size_t at = out.find(target_.key); at != std::string::npos; at = out.find(target_.key, at))
      out.replace(at, target_.key.size(), "[key]");
  }
  const bool cut = out.size() > size_max;
  out.resize(std::min(out.size(), size_max));
  while (cut && !out.empty() && !is_valid_utf8(out) && out.size() + 4 > size_max) out.pop_back();
  if (!is_valid_utf8(out)) return "(" + std::to_string(text.size()) + " bytes that are no text)";
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') c = ' ';
  }
  return cut ? out + "… (" + std::to_string(text.size()) + " bytes)" : out;
}

net::ClientRequest Prober::request_of(const Ask& ask) const {
  net::ClientRequest request;
  request.method = ask.method;
  request.target = ask.path;
  request.headers.add("user-agent", "weir-check");
  request.headers.add("x-weir-check", run_id_);
  if (ask.with_key && !target_.key.empty()) {
    request.headers.add(target_.key_header,
                        target_.key_header == "authorization" ? "Bearer " + target_.key : target_.key);
  }
  for (const auto& [name, value] : ask.headers) request.headers.set(name, value);
  if (!ask.body.empty() && !request.headers.contains("content-type"))
    request.headers.add("content-type", "application/json");
  request.body = ask.body;
  return request;
}

Seen Prober::note_of(const Ask& ask, const Answer& answer) const {
  Seen seen;
  seen.sent = ask.method + " " + ask.path;
  if (ask.with_key && !target_.key.empty()) seen.sent += "\n" + target_.key_header + ": [key]";
  for (const auto& [name, value] : ask.headers) seen.sent += "\n" + name + ": " + shown(value, 200);
  if (!ask.body.empty()) seen.sent += "\n\n" + shown(ask.body, kShownBody);
  if (!answer.came) {
    seen.received = answer.problem;
    return seen;
  }
  std::string fields;
  for (const net::Field field : answer.headers) append_field_line(fields, field);
  std::erase(fields, '\r');
  seen.received = std::to_string(answer.status) + "\n" + shown(fields, kShownFields) + "\n" +
                  shown(answer.body, kShownBody);
  if (answer.arrivals.size() > 1) {
    seen.received += "\n(" + std::to_string(answer.arrivals.size()) + " pieces, from " +
                     milliseconds_text(answer.arrivals.front()) + " to " +
                     milliseconds_text(answer.arrivals.back()) + ")";
  }
  if (!answer.problem.empty()) seen.received += "\n(" + answer.problem + ")";
  return seen;
}

}  // namespace weir::ops::check
