#include "net/server.h"

#include <doctest/doctest.h>
#include <future>

#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>

#include "net_server_fixture.h"

namespace weir::net {
namespace {

using test::RawClient;
using test::RunningServer;
using namespace std::chrono_literals;

Task<> sleep_for(std::chrono::milliseconds duration) {
  const Executor executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, duration);
  co_await timer.async_wait(boost::asio::use_awaitable_t<Executor>());
}

// Says back what it was asked, by path.
Task<> echo(Request& request, Responder& responder) {
  auto body = co_await read_all(*request.body, 1'000'000);
  Response response;
  response.headers.add("content-type", "text/plain");
  response.body = request.method + " " + request.path + " " + (body ? *body : body.error().message);
  co_await responder.send(std::move(response));
}

std::string get(std::string_view path, std::string_view more = {}) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nhost: weir\r\n" + std::string(more) + "\r\n";
}

}  // namespace

TEST_CASE("a request is answered and the connection stays open for the next") {
  RunningServer running(echo);
  RawClient client(running.port());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/hello"));
    const std::string answer = client.read_response();
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ndate: "));
    CHECK(answer.ends_with("\r\n\r\nGET /hello "));
    CHECK(!answer.contains("connection:"));
  }
}

TEST_CASE("pipelined requests are answered in order") {
  RunningServer running(echo);
  RawClient client(running.port());
  client.send(get("/1") + get("/2") + "POST /3 HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc" +
              get("/4"));
  CHECK(client.read_response().ends_with("GET /1 "));
  CHECK(client.read_response().ends_with("GET /2 "));
  CHECK(client.read_response().ends_with("POST /3 abc"));
  CHECK(client.read_response().ends_with("GET /4 "));
}

TEST_CASE("HEAD is answered as GET without the body, and keeps its length") {
  RunningServer running(echo);
  RawClient client(running.port());
  client.send("HEAD /x HTTP/1.1\r\nhost: a\r\n\r\n" + get("/y"));
  const std::string head = client.read_response(true);
  CHECK(head.contains("content-length: 8\r\n"));
  CHECK(client.read_response().ends_with("GET /y "));
}

TEST_CASE("OPTIONS * reaches the handler") {
  RunningServer running(echo);
  CHECK(running.ask("OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").ends_with("OPTIONS * "));
}

TEST_CASE("HTTP/1.0 closes after the answer unless keep-alive is asked for") {
  RunningServer running(echo);
  CHECK(running.ask("GET /a HTTP/1.0\r\n\r\n").contains("connection: close\r\n"));
  RawClient client(running.port());
  client.send("GET /a HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
  CHECK(client.read_response().contains("connection: keep-alive\r\n"));
  client.send("GET /b HTTP/1.0\r\n\r\n");
  CHECK(client.read_response().ends_with("GET /b "));
}

TEST_CASE("a chunked request body is decoded, and its trailers are dropped") {
  RunningServer running([](Request& request, Responder& responder) -> Task<> {
    auto body = co_await read_all(*request.body, 1'000);
    Response response;
    response.body = *body + (request.headers.contains("x-trailer") ? " merged" : "");
    co_await responder.send(std::move(response));
  });
  RawClient client(running.port());
  client.send("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
  client.send("5\r\nhello\r\n");
  client.send("6;a=b\r\n world\r\n0\r\nx-trailer: 1\r\n\r\n");
  CHECK(client.read_response().ends_with("\r\n\r\nhello world"));
}

TEST_CASE("a streamed answer is chunked on HTTP/1.1 and ends with the connection on HTTP/1.0") {
  RunningServer running([](Request&, Responder& responder) -> Task<> {
    ResponseHead head;
    co_await responder.start(std::move(head), -1);
    co_await responder.write("one");
    const std::string large(5'000, 'x');
    co_await responder.write(large);
    co_await responder.finish();
  });
  const std::string large(5'000, 'x');
  const std::string chunked = running.ask(get("/", "connection: close\r\n"));
  CHECK(chunked.contains("transfer-encoding: chunked\r\n"));
  CHECK(chunked.ends_with("\r\n\r\n3\r\none\r\n1388\r\n" + large + "\r\n0\r\n\r\n"));
  const std::string plain = running.ask("GET / HTTP/1.0\r\n\r\n");
  CHECK(!plain.contains("transfer-encoding"));
  CHECK(plain.ends_with("\r\n\r\none" + large));
}

TEST_CASE("100 Continue goes out when the handler first reads the body, and not before") {
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
  const std::string fields = " HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n";
  RawClient client(running.port());
  client.send("POST /" + fields);
  CHECK(client.read_response() == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  CHECK(client.read_response().ends_with("\r\n\r\nok"));
  client.send("POST /refuse" + fields);
  const std::string refused = client.read_response();
  CHECK(refused.starts_with("HTTP/1.1 413 "));
  CHECK(refused.contains("connection: close\r\n"));
}

TEST_CASE("a refused message gets a JSON body, Connection: close, and the connection ends") {
  ServerConfig config;
  config.body_size_max = 1'000;
  RunningServer running(echo, config);
  const auto status_of = [&](std::string_view request) {
    const std::string answer = running.ask(request);
    CHECK(answer.contains("connection: close\r\n"));
    CHECK(answer.contains("\r\n\r\n{\"error\":\""));
    return answer.substr(9, 3);
  };
  CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == "400");
  CHECK(status_of("GET / HTTP/2.1\r\nhost: a\r\n\r\n") == "505");
  CHECK(status_of("BREW / HTTP/1.1\r\nhost: a\r\n\r\n") == "501");
  CHECK(status_of("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1001\r\n\r\n") == "413");
  CHECK(status_of(get("/" + std::string(9'000, 'a'))) == "414");
  CHECK(status_of(get("/", "x: " + std::string(17'000, 'a') + "\r\n")) == "431");
  CHECK(status_of(get("/", "expect: tea\r\n")) == "417");
  CHECK(running.metrics().counter("weir_http_refused_total", "", {{"reason", "host"}}).value() == 1);
}

TEST_CASE("a handler that throws or does not answer is answered with 500") {
  RunningServer running([](Request& request, Responder& responder) -> Task<> {
    if (request.path == "/throw") throw std::runtime_error("a bug");
    if (request.path == "/half") {
      ResponseHead head;
      co_await responder.start(std::move(head), -1);
      co_await responder.write("half");
    }
  });
  RawClient client(running.port());
  client.send(get("/throw"));
  const std::string thrown = client.read_response();
  CHECK(thrown.starts_with("HTTP/1.1 500 "));
  CHECK(thrown.ends_with(R"({"error":"internal"})"));
  client.send(get("/nothing"));
  CHECK(client.read_response().starts_with("HTTP/1.1 500 "));
  client.send(get("/half"));
  const std::string half = client.read_to_end();
  CHECK(half.contains("half"));
  CHECK(!half.contains("0\r\n\r\n"));
}

TEST_CASE("a response field that could split the message becomes a 500") {
  RunningServer running([](Request&, Responder& responder) -> Task<> {
    Response response;
    response.headers.add("x-echo", "a\r\nset-cookie: b");
    co_await responder.send(std::move(response));
  });
  const std::string answer = running.ask(get("/", "connection: close\r\n"));
  CHECK(answer.starts_with("HTTP/1.1 500 "));
  CHECK(!answer.contains("set-cookie"));
}

TEST_CASE("the handler is cancelled when the client goes away") {
  std::atomic<int> started{0};
  std::atomic<int> ended{0};
  RunningServer running([&](Request& request, Responder&) -> Task<> {
    struct Ended {
      std::atomic<int>& count;
      ~Ended() { ++count; }
    } const at_end{ended};
    auto body = co_await read_all(*request.body, 1'000);
    ++started;
    co_await sleep_for(20s);
  });
  const std::string post = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nok";
  // Alone, and with bytes behind it: a stray line end, the beginning of another request, a whole one.
  for (const std::string& request : {get("/"), post, get("/") + "\r\n", post + "\r\n", get("/") + "GET /ano",
                                     get("/") + get("/another")}) {
    const int before = ended;
    RawClient client(running.port());
    client.send(request);
    while (started == before) std::this_thread::yield();
    client.close();
    const auto limit = std::chrono::steady_clock::now() + 100ms;
    while (ended == before && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    CHECK(ended == before + 1);
  }
}

TEST_CASE("drain closes idle connections, lets requests finish and cuts what takes too long") {
  ServerConfig config;
  config.drain_timeout = 400ms;
  std::atomic<int> started{0};
  RunningServer running(
      [&](Request& request, Responder& responder) -> Task<> {
        ++started;
        const auto time = request.path == "/slow" ? 20'000ms : 150ms;
        co_await sleep_for(time);
        Response response;
        co_await responder.send(std::move(response));
      },
      config, 2);
  RawClient idle(running.port());
  idle.send(get("/"));
  CHECK(idle.read_response().starts_with("HTTP/1.1 200 "));
  RawClient finishing(running.port());
  RawClient slow(running.port());
  finishing.send(get("/"));
  slow.send(get("/slow"));
  while (started < 3) std::this_thread::yield();
  CHECK(running.server().drain() == 1);
  CHECK(idle.closed_within(0ms));
  const std::string answer = finishing.read_to_end();
  CHECK(answer.starts_with("HTTP/1.1 200 "));
  CHECK(answer.contains("connection: close\r\n"));
  CHECK(slow.closed_within(0ms));
  CHECK(running.server().connections() == 0);
  CHECK(!RawClient(running.port()).connected());
}

TEST_CASE("a drain serves what the kernel had accepted before it, and then ends that connection") {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<bool> busy{false};
  ServerConfig config;
  config.drain_timeout = 5s;
  RunningServer running(
      [&](Request& request, Responder& responder) -> Task<> {
        if (request.path == "/busy") {
          busy = true;
          released.wait();  // the whole loop: nothing is taken from the accept queue
        }
        Response response;
        co_await responder.send(std::move(response));
      },
      config, 1);
  RawClient first(running.port());
  first.send(get("/busy"));
  while (!busy) std::this_thread::yield();
  RawClient queued(running.port());
  queued.send(get("/queued"));
  auto drained = std::async(std::launch::async, [&] { return running.server().drain(); });
  // The drain has begun where this ends without it; nothing shows that from outside.
  CHECK(drained.wait_for(50ms) == std::future_status::timeout);
  release.set_value();
  const std::string answer = queued.read_to_end();
  CHECK(answer.starts_with("HTTP/1.1 200 "));
  CHECK(answer.contains("connection: close\r\n"));
  CHECK(drained.get() == 0);
}

TEST_CASE("requests that came before the client ended its side are answered, then the connection ends") {
  RunningServer running(echo);
  RawClient client(running.port());
  client.send(get("/1") + get("/2"));
  client.end_write();
  CHECK(client.read_response().ends_with("GET /1 "));
  CHECK(client.read_response().ends_with("GET /2 "));
  CHECK(client.closed_within(1s));
}

TEST_CASE("start says which address it cannot listen on") {
  SystemClock clock;
  observe::Log log({}, clock);
  observe::Metrics metrics;
  Loops loops(1);
  ServerConfig config;
  config.address = "192.0.2.1";  // TEST-NET-1: nobody's
  Server server(config, loops, echo, clock, log, metrics);
  const auto started = server.start();
  REQUIRE(!started);
  CHECK(started.error().message.contains("192.0.2.1"));
}

TEST_CASE("a port that another server has is not shared with it") {
  test::RunningServer first(echo);
  SystemClock clock;
  observe::Log log({}, clock);
  observe::Metrics metrics;
  Loops loops(2);
  ServerConfig config;
  config.port = first.port();
  Server second(config, loops, echo, clock, log, metrics);
  const auto started = second.start();
  REQUIRE(!started);
  CHECK(started.error().message.contains("port " + std::to_string(first.port())));
}

TEST_CASE("a configuration out of bounds is refused by name") {
  ServerConfig config;
  CHECK(config.check());
  config.fields_max = 0;
  CHECK(config.check().error().field == "fields_max");
  config = {};
  config.address = "localhost";
  CHECK(config.check().error().field == "address");
  config = {};
  config.tls_certificate_file = "a.pem";
  CHECK(config.check().error().field == "tls_key_file");
}

TEST_CASE("running out of descriptors pauses accepting and ends when there are some again") {
  RunningServer running(echo);
  // Once before: the sanitizers' first look at a type needs a descriptor of its own.
  CHECK(running.ask(get("/", "connection: close\r\n")).starts_with("HTTP/1.1 200 "));
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const int highest = ::dup(0);
  const rlimit few{static_cast<rlim_t>(highest + 10), before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &few);
  std::vector<int> fillers;
  for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) fillers.push_back(fd);
  ::close(fillers.back());
  RawClient client(running.port());  // takes the last descriptor
  client.send(get("/"));
  CHECK(!client.fill(150ms));
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK(client.read_response().starts_with("HTTP/1.1 200 "));
  fillers.back() = highest;
  for (const int fd : fillers) ::close(fd);
}

}  // namespace weir::net
