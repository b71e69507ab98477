#include "edge/api/relay.h"

#include <doctest/doctest.h>

#include "edge/outlet.h"
#include "edge_fakes.h"

namespace weir::edge {
namespace {

class ScriptedReply final : public model::UpstreamReply {
 public:
  Task<Result<std::string_view>> read() override {
    if (next == pieces.size()) {
      if (breaks) co_return fail(Code::upstream_failed, "the body ended too early");
      co_return std::string_view();
    }
    co_return std::string_view(pieces[next++]);
  }
  int status() const override { return status_code; }
  const net::Headers& headers() const override { return fields; }
  std::int64_t content_length() const override { return length; }
  bool is_event_stream() const override { return stream; }
  int tries() const override { return 1; }
  std::string_view provider() const override { return "anthropic"; }
  std::chrono::nanoseconds upstream_wait() const override { return {}; }

  int status_code = 200;
  net::Headers fields;
  std::int64_t length = -1;
  bool stream = false;
  bool breaks = false;
  std::vector<std::string> pieces;
  std::size_t next = 0;
};

struct Fixture {
  net::StringBody body{""};
  net::Request request = test::request_of("POST", "/v1/messages", body);
  test::CapturedResponse captured;
  Outlet out{captured, "gzip", true};
  Exchange exchange{request, out};
  ScriptedReply reply;
};

TEST_CASE("a stream arrives piece by piece with its fields, uncompressed") {
  Fixture f;
  f.reply.stream = true;
  f.reply.fields = {{"content-type", "text/event-stream; charset=utf-8"},
                    {"cache-control", "no-cache"},
                    {"request-id", "req_upstream"},
                    {"anthropic-ratelimit-requests-remaining", "7"},
                    {"x-invented-next-year", "1"},
                    {"set-cookie", "a=b"},
                    {"access-control-allow-origin", "*"}};
  f.reply.pieces = {"event: ping\n", "data: {}\n\n", std::string(5'000, 'x')};
  REQUIRE(test::run(relay(f.exchange, f.reply)).has_value());
  CHECK(f.captured.writes == f.reply.pieces);
  CHECK(f.captured.finished);
  CHECK(f.captured.content_length == -1);
  CHECK(f.captured.headers.get("request-id") == "req_upstream");
  CHECK(f.captured.headers.get("anthropic-ratelimit-requests-remaining") == "7");
  CHECK(f.captured.headers.get("x-invented-next-year") == "1");
  CHECK(f.captured.headers.get("cache-control") == "no-cache, no-transform");
  CHECK(f.captured.headers.get("x-accel-buffering") == "no");
  CHECK_FALSE(f.captured.headers.contains("set-cookie"));
  CHECK_FALSE(f.captured.headers.contains("access-control-allow-origin"));
  CHECK_FALSE(f.captured.headers.contains("content-encoding"));
}

TEST_CASE("an error of the provider goes through with its status, body and retry-after") {
  Fixture f;
  f.reply.status_code = 529;
  f.reply.length = 4;
  f.reply.fields = {{"content-type", "application/json"}, {"retry-after", "7"}};
  f.reply.pieces = {"{..}"};
  REQUIRE(test::run(relay(f.exchange, f.reply)).has_value());
  CHECK(f.captured.status == 529);
  CHECK(f.captured.body == "{..}");
  CHECK(f.captured.content_length == 4);
  CHECK(f.captured.headers.get("retry-after") == "7");
}

TEST_CASE("a body that breaks off, and a client that leaves, end the relay at once") {
  Fixture f;
  f.reply.pieces = {"half"};
  f.reply.breaks = true;
  const auto broken = test::run(relay(f.exchange, f.reply));
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().code == Code::upstream_failed);
  CHECK_FALSE(f.captured.finished);

  Fixture g;
  g.reply.pieces = {"1", "2", "3"};
  g.captured.gone_after_writes = 1;
  const auto gone = test::run(relay(g.exchange, g.reply));
  REQUIRE_FALSE(gone.has_value());
  CHECK(gone.error().code == Code::cancelled);
  CHECK(g.reply.next == 2);
}

TEST_CASE("an answer that fails before its first byte has not begun, so that the error has a status") {
  Fixture f;
  f.reply.breaks = true;
  const auto broken = test::run(relay(f.exchange, f.reply));
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().code == Code::upstream_failed);
  CHECK_FALSE(f.out.started());
}

}  // namespace
}  // namespace weir::edge
