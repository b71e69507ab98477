// What RFC 9113 demands of a server, one test for each rule, by a client that breaks it.
#include <doctest/doctest.h>

#include "net/sleep.h"
#include "net_http2_client.h"
#include "net_server_fixture.h"

namespace weir::net {
namespace {

using namespace test;
using namespace std::chrono_literals;

Task<> echo(Request& request, Responder& responder) {
  auto body = co_await read_all(*request.body, 1'000'000);
  Response response;
  response.body = body ? *body : body.error().message;
  for (const Field field : request.headers) response.body.append(" ").append(field.name);
  co_await responder.send(std::move(response));
}

// Each of these requests is malformed: its stream is reset, and the connection goes on.
void check_malformed(const std::vector<Fields>& requests) {
  RunningServer running(echo);
  Http2Client client(running.port());
  for (const Fields& fields : requests) {
    CAPTURE(fields.back().first);
    CAPTURE(fields.back().second);
    const Http2Answer& answer = client.answer(client.head(fields));
    CHECK(answer.status == 0);
    CHECK(answer.reset == NGHTTP2_PROTOCOL_ERROR);
  }
  CHECK(client.answer(client.get("/")).status == 200);
}

Fields with(std::string_view name, std::string_view value) {
  return request_fields("GET", "/", {{std::string(name), std::string(value)}});
}

// What the connection ends with after these frames; NO_ERROR when it does not.
std::uint32_t error_after(std::string_view frames) {
  RunningServer running(echo);
  Http2Client client(running.port());
  REQUIRE(client.next_of(kSettings));
  client.send(frames);
  const auto code = client.end(300ms);
  if (code) CHECK(client.raw().closed_within(3s));
  return code.value_or(NGHTTP2_NO_ERROR);
}

std::string get_frame(std::int32_t id, bool ended = true) {
  const auto flags = static_cast<std::uint8_t>(kEndHeaders | (ended ? kEndStream : 0));
  return frame(kHeaders, flags, id, block(request_fields("GET", "/")));
}

}  // namespace

TEST_CASE("RFC 9113 8.2.1: field names are lower-case tokens") {
  check_malformed({with("X-Upper", "1"), with("x y", "1"), with("x:y", "1"), with("x\x01", "1"),
                   with("x\x7F", "1"), with("caf\xC3\xA9", "1"), with("", "1")});
}

TEST_CASE("RFC 9113 8.2.1: no CR, LF or NUL in a value, and no blanks around it") {
  check_malformed({with("x", "a\rb"), with("x", "a\nb"), with("x", std::string("a\0b", 3)), with("x", " a"),
                   with("x", "a "), with("x", "\ta"), with("x", "a\t"), with("x", "a\r\nset-cookie: b")});
}

TEST_CASE("RFC 9113 8.2.2: no fields of the connection") {
  check_malformed({with("connection", "close"), with("connection", "x"),
                   with("proxy-connection", "keep-alive"), with("keep-alive", "timeout=5"),
                   with("transfer-encoding", "chunked"), with("upgrade", "h2c")});
}

TEST_CASE("RFC 9113 8.2.2: te may only be \"trailers\"") {
  check_malformed({with("te", "gzip"), with("te", "trailers, gzip")});
  RunningServer running(echo);
  Http2Client client(running.port());
  CHECK(client.answer(client.get("/", {{"te", "trailers"}})).status == 200);
}

TEST_CASE("RFC 9113 8.3: pseudo-fields stand before all others") {
  check_malformed(
      {{{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"x", "1"}, {":authority", "a"}}});
}

TEST_CASE("RFC 9113 8.3: pseudo-fields stand once") {
  check_malformed(
      {with(":method", "GET"), with(":scheme", "http"), with(":path", "/"), with(":authority", "weir")});
}

TEST_CASE("RFC 9113 8.3: pseudo-fields that are not defined for requests are malformed") {
  check_malformed({with(":status", "200"), with(":unknown", "1"), with(":protocol", "websocket")});
}

TEST_CASE("RFC 9113 8.3.1: method, scheme and path are there, and the path is not empty") {
  check_malformed({{{":scheme", "http"}, {":path", "/"}, {":authority", "a"}},
                   {{":method", "GET"}, {":path", "/"}, {":authority", "a"}},
                   {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}},
                   {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", ""}},
                   {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "no-slash"}},
                   {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "*"}},
                   {{":method", "G T"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}}});
}

TEST_CASE("RFC 9113 8.3.1: Host and :authority agree, and one of them is there") {
  check_malformed({with("host", "other"), {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}}});
  RunningServer running(echo);
  Http2Client client(running.port());
  CHECK(client.answer(client.get("/", {{"host", "WEIR"}})).status == 200);
  CHECK(client.answer(client.head({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "a"}}))
            .status == 200);
}

TEST_CASE("RFC 9113 8.5: CONNECT is refused, and malformed with a path") {
  RunningServer running(echo);
  Http2Client client(running.port());
  CHECK(client.answer(client.head({{":method", "CONNECT"}, {":authority", "a:443"}})).status == 501);
  check_malformed({request_fields("CONNECT", "/")});
}

TEST_CASE("RFC 9113 8.1.1: content-length is one number, and equals the sum of the DATA") {
  check_malformed({with("content-length", "1"), with("content-length", "x"), with("content-length", "-1"),
                   with("content-length", "+1"), with("content-length", ""),
                   with("content-length", "99999999999999999999"),
                   request_fields("GET", "/", {{"content-length", "0"}, {"content-length", "0"}})});
  RunningServer running(echo);
  Http2Client client(running.port());
  CHECK(client.answer(client.post("/", "abc", {{"content-length", "3"}})).status == 200);
  for (const char* wrong : {"2", "4"}) {
    const Http2Answer& answer = client.answer(client.post("/", "abc", {{"content-length", wrong}}));
    CHECK(answer.status == 0);
    CHECK(answer.reset == NGHTTP2_PROTOCOL_ERROR);
  }
}

TEST_CASE("RFC 9113 8.1: trailers end the stream, have no pseudo-fields, and are not merged into the head") {
  RunningServer running(echo);
  Http2Client client(running.port());
  const auto trailers = [&](const Fields& fields, std::uint8_t flags) {
    const auto id = client.head(request_fields("POST", "/"), false);
    client.send(frame(kData, 0, id, "body"));
    client.send(frame(kHeaders, flags, id, block(fields)));
    return client.answer(id);
  };
  CHECK(trailers({{"x-trailer", "1"}}, kEndHeaders | kEndStream).body == "body");
  CHECK(trailers({{":path", "/"}}, kEndHeaders | kEndStream).reset == NGHTTP2_PROTOCOL_ERROR);
  CHECK(trailers({{"X-Trailer", "1"}}, kEndHeaders | kEndStream).reset == NGHTTP2_PROTOCOL_ERROR);
  CHECK(trailers({{"x-trailer", "1"}}, kEndHeaders).reset == NGHTTP2_PROTOCOL_ERROR);
}

TEST_CASE("RFC 9113 3.4: the preface must be right, and SETTINGS come first") {
  RunningServer running(echo);
  RawClient wrong(running.port());
  wrong.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + frame(kSettings, 0, 0));
  CHECK(wrong.closed_within(3s));
  RawClient broken(running.port());
  broken.send("INVALID CONNECTION PREFACE\r\n\r\n");
  CHECK(broken.read_to_end().empty());
  CHECK(broken.ended());
  RawClient no_settings(running.port());
  no_settings.send(std::string(kHttp2Preface) + frame(kPing, 0, 0, "12345678"));
  CHECK(no_settings.read_to_end(3s).contains(frame(kGoaway, 0, 0).substr(3, 1)));
  CHECK(no_settings.ended());
}

TEST_CASE("RFC 9113 4.2: a frame over SETTINGS_MAX_FRAME_SIZE is FRAME_SIZE_ERROR") {
  CHECK(error_after(get_frame(1, false) + frame(kData, 0, 1, std::string(16'385, 'x'))) ==
        NGHTTP2_FRAME_SIZE_ERROR);
}

TEST_CASE("RFC 9113 4.3: a header block that cannot be decoded is COMPRESSION_ERROR") {
  CHECK(error_after(frame(kHeaders, kEndHeaders | kEndStream, 1, "\xFF\xFF\xFF\xFF\xFF")) ==
        NGHTTP2_COMPRESSION_ERROR);
}

TEST_CASE("RFC 9113 5.1: frames on idle streams are PROTOCOL_ERROR") {
  CHECK(error_after(frame(kData, kEndStream, 1, "x")) == NGHTTP2_PROTOCOL_ERROR);
  CHECK(error_after(frame(kReset, 0, 1, number(NGHTTP2_CANCEL))) == NGHTTP2_PROTOCOL_ERROR);
  CHECK(error_after(frame(kWindow, 0, 1, number(1))) == NGHTTP2_PROTOCOL_ERROR);
}

TEST_CASE("RFC 9113 5.1: DATA and HEADERS after END_STREAM are STREAM_CLOSED") {
  CHECK(error_after(get_frame(1) + frame(kData, 0, 1, "x")) == NGHTTP2_STREAM_CLOSED);
  CHECK(error_after(get_frame(1) + get_frame(1)) == NGHTTP2_STREAM_CLOSED);
}

TEST_CASE("RFC 9113 5.1.1: client streams have odd ids that rise") {
  CHECK(error_after(get_frame(2)) == NGHTTP2_PROTOCOL_ERROR);
  CHECK(error_after(get_frame(5) + get_frame(3)) == NGHTTP2_PROTOCOL_ERROR);
  CHECK(error_after(get_frame(5) + get_frame(7)) == NGHTTP2_NO_ERROR);
}

TEST_CASE("RFC 9113 5.3.1: the fields of the deprecated priorities are still checked for themselves") {
  CHECK(error_after(frame(kPriority, 0, 1, number(1) + "\x10")) != NGHTTP2_NO_ERROR);
}

TEST_CASE("RFC 9113 6.1: DATA needs a stream, and its padding must fit") {
  CHECK(error_after(frame(kData, 0, 0, "x")) == NGHTTP2_PROTOCOL_ERROR);
  CHECK(error_after(get_frame(1, false) + frame(kData, kPadded, 1, "\x09x")) == NGHTTP2_PROTOCOL_ERROR);
}

TEST_CASE("RFC 9113 6.5: SETTINGS are well-formed and belong to the connection") {
  CHECK(error_after(frame(kSettings, kAck, 0, "x")) == NGHTTP2_FRAME_SIZE_ERROR);
  CHECK(error_after(frame(kSettings, 0, 1)) == NGHTTP2_PROTOCOL_ERROR);
  CHECK(error_after(frame(kSettings, 0, 0, "abc")) == NGHTTP2_FRAME_SIZE_ERROR);
  CHECK(error_after(frame(kSettings, 0, 0, number(2, 2) + number(2))) == NGHTTP2_PROTOCOL_ERROR);
  CHECK(error_after(frame(kSettings, 0, 0, number(4, 2) + number(0x80000000U))) ==
        NGHTTP2_FLOW_CONTROL_ERROR);
  CHECK(error_after(frame(kSettings, 0, 0, number(5, 2) + number(1))) == NGHTTP2_PROTOCOL_ERROR);
}

TEST_CASE("RFC 9113 6.6: a client may not push") {
  CHECK(error_after(get_frame(1, false) + frame(kPushPromise, kEndHeaders, 1, number(2))) ==
        NGHTTP2_PROTOCOL_ERROR);
}

TEST_CASE("RFC 9113 6.7: PING is answered with its payload") {
  RunningServer running(echo);
  Http2Client client(running.port());
  client.send(frame(kPing, 0, 0, "12345678"));
  const auto pong = client.next_of(kPing);
  REQUIRE(pong);
  CHECK(pong->flags == kAck);
  CHECK(pong->payload == "12345678");
  CHECK(error_after(frame(kPing, 0, 0, "1234567")) == NGHTTP2_FRAME_SIZE_ERROR);
  CHECK(error_after(frame(kPing, 0, 1, "12345678")) == NGHTTP2_PROTOCOL_ERROR);
}

TEST_CASE("RFC 9113 6.9: window updates of zero, and windows over 2^31-1, are errors") {
  CHECK(error_after(frame(kWindow, 0, 0, number(0))) == NGHTTP2_PROTOCOL_ERROR);
  CHECK(error_after(frame(kWindow, 0, 0, number(0x7FFFFFFFU))) == NGHTTP2_FLOW_CONTROL_ERROR);
  RunningServer running(echo);
  Http2Client client(running.port());
  const auto id = client.head(request_fields("POST", "/"), false);
  client.window(id, 0x7FFFFFFFU);
  CHECK(client.answer(id).reset == NGHTTP2_FLOW_CONTROL_ERROR);
}

TEST_CASE("RFC 9113 6.9: more DATA than the window allows is FLOW_CONTROL_ERROR") {
  RunningServer running([](Request&, Responder&) -> Task<> { co_await sleep_for(5s); });  // reads nothing
  std::string frames = get_frame(1, false);
  for (int i = 0; i < 5; ++i) frames += frame(kData, 0, 1, std::string(16'000, 'x'));
  Http2Client client(running.port());
  client.send(frames);
  const Http2Answer& answer = client.answer(1);
  const bool refused = answer.reset.has_value() || client.goaway() == NGHTTP2_FLOW_CONTROL_ERROR;
  CHECK(refused);
}

TEST_CASE("RFC 9113 6.10: a header block is not interrupted") {
  const std::string open = frame(kHeaders, kEndStream, 1, block(request_fields("GET", "/")));
  CHECK(error_after(open + frame(kPing, 0, 0, "12345678")) == NGHTTP2_PROTOCOL_ERROR);
  CHECK(error_after(open + frame(kContinuation, kEndHeaders, 3)) == NGHTTP2_PROTOCOL_ERROR);
  CHECK(error_after(frame(kContinuation, kEndHeaders, 1)) == NGHTTP2_PROTOCOL_ERROR);
  CHECK(error_after(open + frame(kContinuation, kEndHeaders, 1)) == NGHTTP2_NO_ERROR);
}

TEST_CASE("RFC 9113 5.5: frames and settings that nobody knows are ignored") {
  CHECK(error_after(frame(0x42, 0xFF, 0, "whatever") + frame(kSettings, 0, 0, number(0x4242, 2) + number(1)) +
                    get_frame(1)) == NGHTTP2_NO_ERROR);
}

}  // namespace weir::net
