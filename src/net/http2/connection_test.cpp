// Requests over HTTP/2 with real sockets: the same contract as HTTP/1.1 (net/http.h).
#include "net/http2/connection.h"

#include <doctest/doctest.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>

#include "net_http2_client.h"
#include "net_server_fixture.h"

namespace weir::net {
namespace {

using namespace test;
using namespace std::chrono_literals;

Task<> sleep_for(std::chrono::milliseconds duration) {
  const Executor executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, duration);
  co_await timer.async_wait(boost::asio::use_awaitable_t<Executor>());
}

// Says back what it was asked.
Task<> echo(Request& request, Responder& responder) {
  auto body = co_await read_all(*request.body, 1'000'000);
  Response response;
  response.headers.add("content-type", "text/plain");
  response.body = request.method + " " + request.authority + request.path + " " + request.query + " " +
                  (body ? *body : body.error().message);
  co_await responder.send(std::move(response));
}

Task<> quick(Request&, Responder& responder) {
  Response response;
  response.body = "ok";
  co_await responder.send(std::move(response));
}

template <class Condition>
bool within(std::chrono::milliseconds limit, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

}  // namespace

TEST_CASE("http2: requests are answered on one connection, interleaved") {
  RunningServer running(echo);
  Http2Client client(running.port());
  const auto first = client.post("/a?x=1", "one");
  const auto second = client.get("/b%20c");
  const Http2Answer& answer = client.answer(first);
  CHECK(answer.status == 200);
  CHECK(answer.headers.get("content-type") == "text/plain");
  CHECK(answer.headers.get("content-length") == "19");
  CHECK(answer.headers.contains("date"));
  CHECK(answer.body == "POST weir/a x=1 one");
  CHECK(client.answer(second).body == "GET weir/b c  ");
}

TEST_CASE("http2: a handler sees one cookie field, however many pieces came") {
  RunningServer running([](Request& request, Responder& responder) -> Task<> {
    Response response;
    response.body =
        std::string(request.headers.get("cookie")) + "|" + std::to_string(request.headers.count("cookie"));
    co_await responder.send(std::move(response));
  });
  Http2Client client(running.port());
  CHECK(client.answer(client.get("/", {{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}})).body ==
        "a=1; b=2|1");
}

TEST_CASE("http2: HEAD has the length and no body, OPTIONS * reaches the handler") {
  RunningServer running(echo);
  Http2Client client(running.port());
  const Http2Answer& head = client.answer(client.head(request_fields("HEAD", "/x")));
  CHECK(head.status == 200);
  CHECK(head.headers.get("content-length") == "13");
  CHECK(head.body.empty());
  CHECK(head.data_frames == 0);
  CHECK(client.answer(client.head(request_fields("OPTIONS", "*"))).body == "OPTIONS weir*  ");
}

TEST_CASE("http2: HEAD of a streamed answer ends with its head") {
  RunningServer running([](Request&, Responder& responder) -> Task<> {
    ResponseHead head;
    co_await responder.start(std::move(head), -1);
    auto first = co_await responder.write("one");
    CHECK(first);
    co_await sleep_for(20ms);
    auto second = co_await responder.write("two");
    CHECK(second);
    auto finished = co_await responder.finish();
    CHECK(finished);
  });
  Http2Client client(running.port());
  const Http2Answer& head = client.answer(client.head(request_fields("HEAD", "/x")));
  CHECK(head.status == 200);
  CHECK(head.ended);
  CHECK(head.body.empty());
}

TEST_CASE("http2: 204 has neither body nor length") {
  RunningServer running([](Request&, Responder& responder) -> Task<> {
    Response response;
    response.status = 204;
    co_await responder.send(std::move(response));
  });
  Http2Client client(running.port());
  const Http2Answer& answer = client.answer(client.get("/"));
  CHECK(answer.status == 204);
  CHECK(!answer.headers.contains("content-length"));
  CHECK(answer.data_frames == 0);
}

TEST_CASE("http2: 100 Continue goes out when the handler first reads the body, and not before") {
  RunningServer running([](Request& request, Responder& responder) -> Task<> {
    Response response;
    if (request.path == "/refuse") {
      response.status = 413;
    } else {
      auto body = co_await read_all(*request.body, 1'000);
      response.body = *body;
    }
    co_await responder.send(std::move(response));
  });
  Http2Client client(running.port());
  const auto id =
      client.head(request_fields("POST", "/", {{"expect", "100-continue"}, {"content-length", "2"}}), false);
  while (client.so_far(id).interim.empty()) REQUIRE(client.next());
  CHECK(client.so_far(id).interim == std::vector<int>{100});
  client.send(frame(kData, kEndStream, id, "ok"));
  CHECK(client.answer(id).body == "ok");
  const auto refused = client.head(request_fields("POST", "/refuse", {{"expect", "100-continue"}}), false);
  CHECK(client.answer(refused).status == 413);
  CHECK(client.so_far(refused).interim.empty());
}

TEST_CASE("http2: events leave one by one, the first together with the head") {
  std::atomic<int> step{0};
  RunningServer running([&](Request&, Responder& responder) -> Task<> {
    ResponseHead head;
    head.headers.add("content-type", "text/event-stream");
    co_await responder.start(std::move(head), -1);
    for (int i = 0; i < 3; ++i) {
      while (step < i) co_await sleep_for(1ms);
      co_await responder.write("data: " + std::to_string(i) + "\n\n");
    }
    co_await responder.finish();
  });
  Http2Client client(running.port());
  client.answer(client.get("/warm"), 50ms);
  const auto id = client.get("/");
  step = 0;
  REQUIRE(client.next_of(kHeaders));
  // One write: the rest of what it brought is there already.
  const auto first = client.next(0ms);
  REQUIRE(first);
  CHECK(first->type == kData);
  CHECK(first->payload == "data: 0\n\n");
  CHECK(!client.next(30ms));
  step = 1;
  CHECK(client.next_of(kData)->payload == "data: 1\n\n");
  step = 2;
  CHECK(client.answer(id).ended);
  CHECK(client.so_far(id).body == "data: 0\n\ndata: 1\n\ndata: 2\n\n");
}

TEST_CASE("http2: a client without window holds the handler back after 64 KiB, and gets all in the end") {
  std::atomic<std::size_t> written{0};
  RunningServer running([&](Request&, Responder& responder) -> Task<> {
    ResponseHead head;
    co_await responder.start(std::move(head), -1);
    const std::string piece(10'000, 'x');
    for (int i = 0; i < 100; ++i) {
      auto wrote = co_await responder.write(piece);
      if (!wrote) co_return;
      written += piece.size();
    }
    co_await responder.finish();
  });
  Http2Client client(running.port(), std::string("\0\4", 2) + number(0));  // INITIAL_WINDOW_SIZE 0
  const auto id = client.get("/");
  REQUIRE(client.next_of(kHeaders));
  CHECK(within(2s, [&] { return written >= 60'000; }));
  CHECK(!client.next(50ms));
  CHECK(written <= http2::kOutboundMax);
  client.window(0, 1'000'000);
  client.window(id, 1'000'000);
  const Http2Answer& answer = client.answer(id);
  CHECK(answer.ended);
  CHECK(answer.body.size() == 1'000'000);
}

TEST_CASE("http2: the request window opens only as the handler reads") {
  std::atomic<bool> read_on{false};
  RunningServer running([&](Request& request, Responder& responder) -> Task<> {
    while (!read_on) co_await sleep_for(1ms);
    auto body = co_await read_all(*request.body, 1'000'000);
    Response response;
    response.body = std::to_string(body->size());
    co_await responder.send(std::move(response));
  });
  Http2Client client(running.port());
  const auto id = client.head(request_fields("POST", "/"), false);
  for (int i = 0; i < 4; ++i) client.send(frame(kData, 0, id, std::string(16'000, 'x')));
  std::size_t granted = 0;
  while (const auto got = client.next(100ms)) granted += got->type == kWindow && got->id == id;
  CHECK(granted == 0);
  read_on = true;
  const auto update = client.next_of(kWindow);
  REQUIRE(update);
  client.send(frame(kData, kEndStream, id, std::string(1'000, 'y')));
  CHECK(client.answer(id).body == "65000");
}

TEST_CASE("http2: a body over body_size_max is an error of the read, and the answer comes through") {
  ServerConfig config;
  config.body_size_max = 10;
  RunningServer running(echo, config);
  Http2Client client(running.port());
  CHECK(client.answer(client.post("/", "eleven bytes")).body.ends_with("the request body is too large"));
  const auto declared = client.head(request_fields("POST", "/", {{"content-length", "11"}}), false);
  CHECK(client.answer(declared).status == 413);
  CHECK(client.answer(client.get("/next")).status == 200);
}

TEST_CASE("http2: well-formed requests that are not served get the statuses of HTTP/1.1") {
  RunningServer running(echo);
  Http2Client client(running.port());
  const auto status_of = [&](const Fields& fields) { return client.answer(client.head(fields)).status; };
  CHECK(status_of(request_fields("GET", "/%2e%2e/etc")) == 400);
  CHECK(status_of(request_fields("GET", "/a%2Fb")) == 400);
  CHECK(status_of(request_fields("GET", "/" + std::string(9'000, 'a'))) == 414);
  CHECK(status_of(request_fields("GET", "/",
                                 {{"x", std::string(15'000, 'a')}, {"y", std::string(2'000, 'a')}})) == 431);
  Fields many;
  for (int i = 0; i < 70; ++i) many.emplace_back("x-" + std::to_string(i), "1");
  CHECK(status_of(request_fields("GET", "/", many)) == 431);
  CHECK(status_of(request_fields("GET", "/", {{"expect", "tea"}})) == 417);
  CHECK(status_of({{":method", "GET"}, {":scheme", "ftp"}, {":path", "/"}, {":authority", "a"}}) == 400);
  CHECK(status_of({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "u@a"}}) == 400);
  CHECK(status_of(request_fields("GET", "/fine")) == 200);
  CHECK(running.metrics().counter("weir_http_refused_total", "", {{"reason", "target"}}).value() == 2);
}

TEST_CASE("http2: a handler that throws or does not answer is answered with 500, half an answer is reset") {
  RunningServer running([](Request& request, Responder& responder) -> Task<> {
    if (request.path == "/throw") throw std::runtime_error("a bug");
    if (request.path == "/split") {
      Response response;
      response.headers.add("x-echo", "a\r\nset-cookie: b");
      co_await responder.send(std::move(response));
    }
    if (request.path == "/half") {
      ResponseHead head;
      co_await responder.start(std::move(head), -1);
      co_await responder.write("half");
    }
  });
  Http2Client client(running.port());
  CHECK(client.answer(client.get("/throw")).body == R"({"error":"internal"})");
  CHECK(client.answer(client.get("/nothing")).status == 500);
  const Http2Answer& split = client.answer(client.get("/split"));
  CHECK(split.status == 500);
  CHECK(!split.headers.contains("set-cookie"));
  const Http2Answer& half = client.answer(client.get("/half"));
  CHECK(!half.ended);
  CHECK(half.reset == NGHTTP2_INTERNAL_ERROR);
}

TEST_CASE("http2: an answer that breaks its declared length is reset") {
  RunningServer running([](Request& request, Responder& responder) -> Task<> {
    ResponseHead head;
    co_await responder.start(std::move(head), 5);
    co_await responder.write(request.path == "/long" ? "longer" : "less");
    co_await responder.finish();
  });
  Http2Client client(running.port());
  CHECK(client.answer(client.get("/long")).reset == NGHTTP2_INTERNAL_ERROR);
  CHECK(client.answer(client.get("/short")).reset == NGHTTP2_INTERNAL_ERROR);
}

TEST_CASE("http2: the handler is cancelled within 100 ms when its stream is reset or the client goes away") {
  std::atomic<int> started{0};
  std::atomic<int> ended{0};
  RunningServer running([&](Request& request, Responder& responder) -> Task<> {
    struct Ended {
      std::atomic<int>& count;
      ~Ended() { ++count; }
    } const at_end{ended};
    ++started;
    if (request.path == "/write") {
      ResponseHead head;
      co_await responder.start(std::move(head), -1);
      const std::string piece(100'000, 'x');
      co_await responder.write(piece);
    } else if (request.path == "/read") {
      co_await request.body->read();
    }
    co_await sleep_for(20s);
  });
  for (const bool by_reset : {true, false}) {
    for (const char* path : {"/sleep", "/write", "/read"}) {
      CAPTURE(path);
      const int before = ended;
      Http2Client client(running.port());
      const auto id = client.head(request_fields("POST", path), false);
      REQUIRE(within(2s, [&] { return started == before + 1; }));
      if (by_reset) {
        client.reset(id);
      } else {
        client.raw().close();
      }
      CHECK(within(100ms, [&] { return ended == before + 1; }));
    }
  }
}

TEST_CASE("http2: an answer that is whole is not cancelled by the end of its stream") {
  std::atomic<bool> after{false};
  RunningServer running([&](Request&, Responder& responder) -> Task<> {
    Response response;
    co_await responder.send(std::move(response));
    co_await sleep_for(30ms);
    after = true;
  });
  Http2Client client(running.port());
  CHECK(client.answer(client.get("/")).ended);
  CHECK(within(1s, [&] { return after.load(); }));
}

TEST_CASE("http2: a client that takes nothing loses its stream after write_timeout") {
  ServerConfig config;
  config.write_timeout = 100ms;
  std::atomic<bool> timed_out{false};
  RunningServer running(
      [&](Request& request, Responder& responder) -> Task<> {
        if (request.path == "/ok") co_return co_await quick(request, responder);
        ResponseHead head;
        co_await responder.start(std::move(head), -1);
        const std::string piece(200'000, 'x');
        auto written = co_await responder.write(piece);
        timed_out = !written && written.error().code == Code::timed_out;
      },
      config);
  Http2Client client(running.port());
  const auto id = client.get("/");
  client.answer(id, 2s);
  CHECK(client.so_far(id).reset.has_value());
  CHECK(timed_out);
  client.window(0, 100'000);
  CHECK(client.answer(client.get("/ok")).status == 200);
}

TEST_CASE("http2: slow clients are cut off: preface, head, body and idle") {
  ServerConfig config;
  config.head_timeout = 100ms;
  config.body_idle_timeout = 100ms;
  config.idle_timeout = 100ms;
  RunningServer running(echo, config);
  SUBCASE("no first frame") {
    RawClient client(running.port());
    client.send(kHttp2Preface);
    CHECK(client.closed_within(2s));
  }
  SUBCASE("a head without end") {
    Http2Client client(running.port());
    REQUIRE(client.next_of(kSettings));  // its acknowledgement must not come between
    client.send(frame(kHeaders, kEndStream, 1, block(request_fields("GET", "/"))));
    CHECK(client.end() == NGHTTP2_ENHANCE_YOUR_CALM);
    CHECK(client.raw().ended());
  }
  SUBCASE("a body that stops is an error of the read") {
    Http2Client client(running.port());
    const auto id = client.head(request_fields("POST", "/"), false);
    client.send(frame(kData, 0, id, "ab"));
    CHECK(client.answer(id).body.ends_with("the request body arrives too slowly"));
  }
  SUBCASE("an idle connection is told and closed") {
    Http2Client client(running.port());
    CHECK(client.answer(client.get("/")).status == 200);
    CHECK(client.end() == NGHTTP2_NO_ERROR);
    CHECK(client.raw().ended());
  }
}

TEST_CASE("a body that stops is the client's failure in both versions of HTTP") {
  ServerConfig config;
  config.body_idle_timeout = 100ms;
  std::atomic<Code> code{Code::internal};
  RunningServer running(
      [&](Request& request, Responder& responder) -> Task<> {
        const auto body = co_await read_all(*request.body, 1'000);
        if (!body) code = body.error().code;
        Response response;
        co_await responder.send(std::move(response));
      },
      config);
  SUBCASE("HTTP/1.1") {
    RawClient client(running.port());
    client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nab");
    CHECK(client.read_response().starts_with("HTTP/1.1 200 "));
  }
  SUBCASE("HTTP/2") {
    Http2Client client(running.port());
    const auto id = client.head(request_fields("POST", "/"), false);
    client.send(frame(kData, 0, id, "ab"));
    CHECK(client.answer(id).status == 200);
  }
  CHECK(code.load() == Code::request_timeout);
}

TEST_CASE("http2: drain lets open streams finish and cuts none; new ones go elsewhere") {
  std::atomic<int> started{0};
  std::atomic<bool> go_on{false};
  RunningServer running(
      [&](Request&, Responder& responder) -> Task<> {
        ++started;
        ResponseHead head;
        co_await responder.start(std::move(head), -1);
        co_await responder.write("one ");
        while (!go_on) co_await sleep_for(1ms);
        co_await responder.write("two");
        co_await responder.finish();
      },
      {}, 2);
  Http2Client idle(running.port());
  Http2Client client(running.port());
  const auto first = client.get("/");
  const auto second = client.get("/");
  REQUIRE(within(2s, [&] { return started == 2; }));
  REQUIRE(idle.next_of(kSettings));
  std::size_t cut = 99;
  std::thread drain([&] { cut = running.server().drain(); });
  while (client.goaway_last_id() != second) REQUIRE(client.next());
  CHECK(client.goaway() == NGHTTP2_NO_ERROR);
  CHECK(idle.end() == NGHTTP2_NO_ERROR);
  CHECK(idle.raw().ended());
  go_on = true;
  CHECK(client.answer(first).body == "one two");
  CHECK(client.answer(second).body == "one two");
  drain.join();
  CHECK(cut == 0);
  CHECK(running.server().connections() == 0);
}

TEST_CASE("http2: drain cuts what takes too long") {
  ServerConfig config;
  config.drain_timeout = 100ms;
  std::atomic<int> started{0};
  RunningServer running(
      [&](Request&, Responder&) -> Task<> {
        ++started;
        co_await sleep_for(20s);
      },
      config);
  Http2Client client(running.port());
  client.get("/");
  client.get("/");
  REQUIRE(within(2s, [&] { return started == 2; }));
  CHECK(running.server().drain() == 2);
  client.end();
  CHECK(client.raw().ended());
  CHECK(running.server().connections() == 0);
}

TEST_CASE("http2: a hundred streams share a connection, and one more is refused") {
  std::atomic<int> started{0};
  std::atomic<bool> go_on{false};
  RunningServer running([&](Request& request, Responder& responder) -> Task<> {
    ++started;
    while (!go_on) co_await sleep_for(1ms);
    co_await quick(request, responder);
  });
  Http2Client client(running.port());
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(client.get("/"));
  CHECK(within(3s, [&] { return started == 100; }));
  const auto refused = client.get("/");
  CHECK(client.answer(refused).reset == NGHTTP2_REFUSED_STREAM);
  go_on = true;
  for (const auto id : ids) CHECK(client.answer(id).body == "ok");
}

}  // namespace weir::net
