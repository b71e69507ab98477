// Floods of cheap frames, one test for each kind: the connection ends by GOAWAY within h2_abuse_frames_max
// frames and 256 KiB, and the server goes on.
#include <doctest/doctest.h>

#include <thread>

#include "net_http2_client.h"
#include "net_server_fixture.h"

namespace weir::net {
namespace {

using namespace test;
using namespace std::chrono_literals;

constexpr std::size_t kFramesMax = 200;  // ServerConfig::h2_abuse_frames_max
constexpr std::size_t kBytesMax = 256 * 1024;

// Never answers of its own accord, so that every stream is still open when it is thrown away.
Task<> wait_for_body(Request& request, Responder& responder) {
  auto body = co_await read_all(*request.body, 1'000'000);
  Response response;
  if (body) co_await responder.send(std::move(response));
}

std::string open_frame(std::int32_t id, const Fields& more = {}) {
  return frame(kHeaders, kEndHeaders, id, block(request_fields("POST", "/", more)));
}

struct Flood {
  std::string prologue;                           // frames that a decent client could send
  std::function<std::string(std::size_t)> round;  // the frames of one round of the flood
  std::size_t frames_in_round = 1;
  bool reads = true;  // whether the client takes what the server says meanwhile
};

// Sends exactly as many frames as are allowed; the connection must end with ENHANCE_YOUR_CALM.
void check_ended(const Flood& flood) {
  RunningServer running(wait_for_body);
  Http2Client client(running.port());
  if (flood.reads) REQUIRE(client.next_of(kSettings));
  client.send(flood.prologue);
  std::size_t bytes = 0;
  const std::size_t rounds = kFramesMax / flood.frames_in_round;
  for (std::size_t i = 0; i < rounds; ++i) {
    const std::string frames = flood.round(i);
    bytes += frames.size();
    if (!client.send(frames)) break;
    if (flood.reads) {
      while (client.next(0ms)) {
      }
    }
  }
  CHECK(bytes <= kBytesMax);
  CHECK(client.end(3s).value_or(0) == NGHTTP2_ENHANCE_YOUR_CALM);
  CHECK(client.raw().ended());
  Http2Client other(running.port());
  CHECK(other.answer(other.post("/", "x")).status == 200);
}

std::int32_t id_of(std::size_t round) {
  return static_cast<std::int32_t>(2 * round + 1);
}

}  // namespace

TEST_CASE("http2 flood: rapid reset") {
  check_ended(
      {"", [](std::size_t i) { return open_frame(id_of(i)) + frame(kReset, 0, id_of(i), number(8)); }, 2});
}

TEST_CASE("http2 flood: rapid reset by a client that reads nothing") {
  check_ended({"", [](std::size_t i) { return open_frame(id_of(i)) + frame(kReset, 0, id_of(i), number(8)); },
               2, false});
}

TEST_CASE("http2 flood: CONTINUATION without end") {
  check_ended({frame(kHeaders, kEndStream, 1, block(request_fields("GET", "/"))),
               [](std::size_t) { return frame(kContinuation, 0, 1); }, 1, false});
  check_ended({frame(kHeaders, kEndStream, 1, block(request_fields("GET", "/"))),
               [](std::size_t i) {
                 return i < 15 ? frame(kContinuation, 0, 1, block({{"x", std::string(16'000, 'x')}}))
                               : std::string();
               },
               1, false});
}

TEST_CASE("http2 flood: PING") {
  check_ended({"", [](std::size_t) { return frame(kPing, 0, 0, "12345678"); }});
}

TEST_CASE("http2 flood: PING by a client that reads nothing") {
  check_ended({"", [](std::size_t) { return frame(kPing, 0, 0, "12345678"); }, 1, false});
}

TEST_CASE("http2 flood: SETTINGS") {
  check_ended({"", [](std::size_t) { return frame(kSettings, 0, 0, number(4, 2) + number(65'535)); }});
}

TEST_CASE("http2 flood: empty DATA, also with padding alone") {
  check_ended({open_frame(1), [](std::size_t) { return frame(kData, 0, 1); }});
  check_ended(
      {open_frame(1), [](std::size_t) { return frame(kData, kPadded, 1, std::string("\3\0\0\0", 4)); }});
}

TEST_CASE("http2 flood: WINDOW_UPDATE that nobody needs") {
  check_ended({open_frame(1), [](std::size_t) { return frame(kWindow, 0, 1, number(1)); }});
  check_ended({"", [](std::size_t) { return frame(kWindow, 0, 0, number(1)); }});
}

TEST_CASE("http2 flood: streams that the client makes the server reset (MadeYouReset)") {
  SUBCASE("by a window over 2^31-1") {
    check_ended(
        {"",
         [](std::size_t i) { return open_frame(id_of(i)) + frame(kWindow, 0, id_of(i), number(0x7FFFFFFF)); },
         2});
  }
  SUBCASE("by more DATA than was declared") {
    check_ended({"",
                 [](std::size_t i) {
                   return open_frame(id_of(i), {{"content-length", "1"}}) +
                          frame(kData, 0, id_of(i), "too much");
                 },
                 2});
  }
  SUBCASE("by less DATA than was declared") {
    check_ended({"",
                 [](std::size_t i) {
                   return open_frame(id_of(i), {{"content-length", "9"}}) +
                          frame(kData, kEndStream, id_of(i), "few");
                 },
                 2});
  }
  SUBCASE("by trailers that do not end the stream") {
    check_ended({"",
                 [](std::size_t i) {
                   return open_frame(id_of(i)) + frame(kHeaders, kEndHeaders, id_of(i), block({{"x", "y"}}));
                 },
                 2});
  }
  SUBCASE("by malformed heads, one frame each") {
    check_ended({"", [](std::size_t i) { return open_frame(id_of(i), {{"connection", "close"}}); }});
  }
}

TEST_CASE("http2 flood: a window update of zero ends the connection at once") {
  RunningServer running(wait_for_body);
  Http2Client client(running.port());
  REQUIRE(client.next_of(kSettings));
  client.send(open_frame(1) + frame(kWindow, 0, 1, number(0)));
  CHECK(client.end() == NGHTTP2_PROTOCOL_ERROR);
}

TEST_CASE("http2 flood: PRIORITY") {
  check_ended({"", [](std::size_t i) { return frame(kPriority, 0, id_of(i), number(0) + "\x10"); }});
}

TEST_CASE("http2 flood: frames of an unknown type") {
  check_ended({"", [](std::size_t) { return frame(0x42, 0, 0); }});
}

TEST_CASE("http2 flood: more streams than are allowed") {
  std::string open;
  for (std::size_t i = 0; i < 100; ++i) open += open_frame(id_of(i));
  check_ended({open, [](std::size_t i) { return open_frame(id_of(100 + i)); }, 1, false});
}

TEST_CASE("http2 flood: HPACK bomb") {
  // One field of 3.9 KB enters the table, and each further byte of the block stands for it again.
  const std::string field = std::string(1, '\x40') + hpack_text("x") + hpack_text(std::string(3'900, 'x'));
  const std::string bomb = block(request_fields("GET", "/")) + field + std::string(11'000, '\xBE');
  RunningServer running(wait_for_body);
  Http2Client client(running.port());
  REQUIRE(client.next_of(kSettings));
  client.send(frame(kHeaders, kEndHeaders | kEndStream, 1, bomb));
  CHECK(client.end(3s) == NGHTTP2_ENHANCE_YOUR_CALM);
  Http2Client other(running.port());
  CHECK(other.answer(other.post("/", "x")).status == 200);
}

TEST_CASE("http2: a client that works and tidies up after itself is no flood") {
  RunningServer running(wait_for_body);
  Http2Client client(running.port());
  for (int i = 0; i < 400; ++i) {
    const auto id = client.post("/", "some body");
    client.window(0, 100);
    if (i % 2 == 0) client.send(frame(kPing, 0, 0, "12345678"));
    REQUIRE(client.answer(id).status == 200);
  }
  CHECK(!client.goaway());
}

}  // namespace weir::net
