#include "observe/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <limits>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "observe/log_format.h"

using namespace weir;
using namespace weir::observe;

namespace {

// The reading and the writing end of a pipe that holds what a short test logs.
class Pipe {
 public:
  Pipe() { REQUIRE(::pipe(ends_) == 0); }
  ~Pipe() {
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }
  int in() const { return ends_[1]; }
  // What has been written so far, at most `max` bytes.
  std::string read(std::size_t max = 1 << 20) {
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    std::string out(max, '\0');
    std::size_t used = 0;
    while (used < max) {
      const ssize_t n = ::read(ends_[0], out.data() + used, max - used);
      if (n <= 0) break;
      used += static_cast<std::size_t>(n);
    }
    out.resize(used);
    return out;
  }

 private:
  int ends_[2] = {-1, -1};
};

const WallTime kTime = std::chrono::seconds(1'790'000'000) + std::chrono::nanoseconds(123'456'789);

}  // namespace

TEST_CASE("a JSON entry has OpenTelemetry's names and flat attributes") {
  CHECK(
      format_json(kTime, Level::warn, "slow",
                  {{"http.route", "/api/chat"}, {"n", 3}, {"x", 0.5}, {"ok", true}},
                  "weir.request.completed") ==
      R"({"timestamp":"2026-09-21T14:13:20.123456789Z","severity_text":"WARN","severity_number":13,)"
      R"("body":"slow","event_name":"weir.request.completed","http.route":"/api/chat","n":3,"x":0.5,"ok":true})"
      "\n");
}

TEST_CASE("no value can forge an entry: every JSON entry is one line and parses") {
  const std::string nasty = std::string("a\n{\"body\":\"forged\"}\r\x1b[31m") + '\0' + "\xFF\xC3";
  const std::string line = format_json(kTime, Level::info, nasty,
                                       {{"v", nasty}, {"nan", std::numeric_limits<double>::quiet_NaN()}}, {});
  CHECK(std::ranges::count(line, '\n') == 1);
  CHECK(is_valid_utf8(line));
  const auto value = parse_json(line);
  REQUIRE(value);
  CHECK(string_member(*value, "body").starts_with("a\n{"));
  CHECK(find_member(*value, "nan")->is_null());
}

TEST_CASE("a long text is cut at a character's border") {
  const std::string text(kLogTextMax - 1, 'x');
  const std::string line = format_json(kTime, Level::info, text + "é tail", {}, {});
  CHECK(line.find(text + "…\"}") != std::string::npos);
}

TEST_CASE("a pretty entry is aligned, quotes what has spaces and shows control characters") {
  CHECK(format_pretty(kTime, Level::info, "ready", {{"url", "http://127.0.0.1:8080"}, {"name", "two words"}},
                      {}, false) ==
        "14:13:20.123 INFO  ready                                    url=http://127.0.0.1:8080 name=\"two "
        "words\"\n");
  CHECK(format_pretty(kTime, Level::error, "a\nb\x1b[0m\xC2\x9B", {}, {}, false) ==
        "14:13:20.123 ERROR a\\nb\\x1b[0m\\x9b\n");
  CHECK(format_pretty(kTime, Level::error, "x", {}, {}, true).find("\x1b[31mERROR\x1b[0m") !=
        std::string::npos);
}

TEST_CASE("entries below the level are not written") {
  Pipe pipe;
  ManualClock clock;
  Log log({.level = Level::warn}, clock, pipe.in());
  log.info("quiet");
  log.warn("loud");
  log.flush();
  const std::string out = pipe.read();
  CHECK(out.find("quiet") == std::string::npos);
  CHECK(out.find("loud") != std::string::npos);
  CHECK_FALSE(log.enabled(Level::info));
}

TEST_CASE("registered secrets never appear, escaped or not, in either format") {
  for (const LogFormat format : {LogFormat::json, LogFormat::pretty}) {
    Pipe pipe;
    ManualClock clock;
    Log log({.format = format}, clock, pipe.in());
    log.redact("sk-ant-123");
    log.redact("sk-ant-123-longer");
    log.redact("with\"quote<");
    log.redact("");
    log.error("call sk-ant-123-longer failed", {{"key", "xsk-ant-123x"}, {"other", "with\"quote<"}});
    log.flush();
    const std::string out = pipe.read();
    CHECK(out.find("sk-ant") == std::string::npos);
    CHECK(out.find("longer") == std::string::npos);
    CHECK(out.find("quote") == std::string::npos);
    CHECK(out.find("call [redacted] failed") != std::string::npos);
    CHECK(out.find("x[redacted]x") != std::string::npos);
  }
}

TEST_CASE("a full queue drops, counts and says so") {
  Pipe pipe;
  ManualClock clock;
  Log log({.queue_max = 4}, clock, pipe.in());
  // More than a pipe holds: the writer stands still, and the queue fills.
  const std::string big(8'000, 'x');
  for (int i = 0; i < 100; ++i) log.info(big);
  const std::uint64_t dropped = log.dropped();
  CHECK(dropped > 0);
  std::string out;
  std::jthread drain([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) out += pipe.read(65'536);
  });
  log.flush();
  log.info("after");
  log.flush();
  drain.request_stop();
  drain.join();
  out += pipe.read();
  std::size_t entries = 0;
  std::int64_t reported = 0;  // in one line or several, as the writer came to it
  for (const std::string_view line : split(out, '\n')) {
    const auto value = parse_json(line);
    if (!value) continue;
    const auto* count = find_member(*value, "weir.log.dropped");
    if (count) reported += count->as_int64();
    entries += count ? 0 : 1;
  }
  CHECK(entries == 100 - dropped + 1);
  CHECK(reported == static_cast<std::int64_t>(dropped));
}

TEST_CASE("a queue is full, too, when its entries are large") {
  Pipe pipe;
  ManualClock clock;
  Log log({}, clock, pipe.in());
  const std::string big(8'000, 'x');
  constexpr std::uint64_t kWritten = 4'000;  // 32 MB
  for (std::uint64_t i = 0; i < kWritten; ++i) log.info(big);
  const std::uint64_t accepted = kWritten - log.dropped();
  // 8 MiB wait, and as many may be with the writer.
  CHECK(accepted * big.size() <= 17'000'000);
  CHECK(accepted * big.size() >= 8'000'000);
  std::jthread drain([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) pipe.read(65'536);
  });
  log.flush();
  log.info("after");  // there is room again
  log.flush();
  CHECK(log.dropped() == kWritten - accepted);
}

TEST_CASE("entries of many threads arrive whole, and the destructor writes what is left") {
  Pipe pipe;
  ManualClock clock;
  {
    Log log({}, clock, pipe.in());
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) log.info("entry", {{"i", i}});
      });
    }
  }
  const std::string out = pipe.read();
  const auto lines = split(out, '\n');
  REQUIRE(lines.size() == 201);
  for (std::size_t i = 0; i < 200; ++i) CHECK(parse_json(lines[i]));
}
