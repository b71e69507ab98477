// Notices between threads, and reading with one eye on the clock.
#include "net/notice.h"

#include <doctest/doctest.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <thread>

#include "net/idle_reader.h"
#include "net/sleep.h"
#include "run_task.h"

namespace weir::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// "" is the end; "~" is silence for ever.
class Pieces final : public ClientResponse {
 public:
  Pieces(std::vector<std::string> pieces, bool& gone) : pieces_(std::move(pieces)), gone_(gone) {}
  ~Pieces() override { gone_ = true; }
  int status() const override { return 200; }
  const Headers& headers() const override { return headers_; }
  Task<Result<std::string_view>> read() override {
    if (pieces_[next_] == "~") co_await sleep_for(std::chrono::hours(1));
    co_return std::string_view(pieces_[next_++]);
  }

 private:
  std::vector<std::string> pieces_;
  bool& gone_;
  Headers headers_;
  std::size_t next_ = 0;
};

}  // namespace

TEST_CASE("notice: told before, told by another thread, and not told") {
  const auto before = []() -> Task<bool> {
    Notice notice = co_await Notice::here();
    notice.teller()();
    co_return co_await notice.wait_for(seconds(60));
  };
  CHECK(test::run_task(before()));
  const auto not_told = []() -> Task<bool> {
    Notice notice = co_await Notice::here();
    co_return co_await notice.wait_for(milliseconds(2));
  };
  CHECK_FALSE(test::run_task(not_told()));
  for (int i = 0; i < 200; ++i) {
    std::jthread other;
    const auto by_thread = [](std::jthread& thread) -> Task<bool> {
      Notice notice = co_await Notice::here();
      thread = std::jthread([tell = notice.teller()] { tell(); });
      co_return co_await notice.wait_for(seconds(60));
    };
    CHECK(test::run_task(by_thread(other)));
  }
}

TEST_CASE("idle reader: pieces come through, silence is told, and its end aborts the read") {
  const ManualClock clock;
  observe::Log log({.level = observe::Level::error}, clock, 2);
  bool gone = false;
  boost::asio::io_context loop(1);
  std::string seen;
  const auto read = [](observe::Log& to, bool& is_gone, std::string& out) -> Task<> {
    std::vector<std::string> script{"a", "b", "~"};
    IdleReader reader(std::make_unique<Pieces>(std::move(script), is_gone), to);
    for (int i = 0; i < 4; ++i) {
      auto piece = co_await reader.read_for(milliseconds(5));
      out += piece ? std::string(**piece) : "-";
    }
  };
  bool done = false;
  boost::asio::co_spawn(loop.get_executor(), read(log, gone, seen),
                        [&](const std::exception_ptr& e) { done = !e; });
  loop.run_for(seconds(5));  // ends by itself: nothing is left waiting
  CHECK(done);
  CHECK(seen == "ab--");
  CHECK(gone);
}

}  // namespace weir::net
