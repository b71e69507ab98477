#include "net/eventstream/eventstream.h"

#include <doctest/doctest.h>

#include <span>

#include "base/text.h"
#include "shared_data.h"

namespace weir::net {
namespace {

// Decodes in pieces and encodes again what was found.
Result<std::string> encoded_again(std::string_view bytes, std::size_t piece_size, int* frames = nullptr) {
  FrameDecoder decoder;
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece_size) {
    auto fed = decoder.feed(bytes.substr(at, piece_size), [&](const Frame& frame) {
      if (frames != nullptr) ++*frames;
      CHECK(append_frame(out, frame));
    });
    if (!fed) return fail(fed);
  }
  if (!decoder.at_boundary()) return fail(Code::upstream_failed, "not at a boundary");
  return out;
}

std::string every_type() {
  Frame frame;
  frame.headers = {{.name = "a", .type = FrameHeaderType::yes},
                   {.name = "b", .type = FrameHeaderType::no},
                   {.name = "c", .type = FrameHeaderType::byte, .number = -1},
                   {.name = "d", .type = FrameHeaderType::int16, .number = -2},
                   {.name = "e", .type = FrameHeaderType::int32, .number = -3},
                   {.name = "f", .type = FrameHeaderType::int64, .number = INT64_MIN},
                   {.name = "g", .type = FrameHeaderType::bytes, .bytes = std::string_view("\0\xFF", 2)},
                   {.name = ":event-type", .type = FrameHeaderType::text, .bytes = "chunk"},
                   {.name = "i", .type = FrameHeaderType::timestamp, .number = 1'790'000'000'000},
                   {.name = "j", .type = FrameHeaderType::uuid, .bytes = "0123456789abcdef"}};
  frame.payload = "payload";
  std::string out;
  REQUIRE(append_frame(out, frame));
  return out;
}

}  // namespace

TEST_CASE("event stream: every type of header comes back as it was") {
  const std::string bytes = every_type();
  FrameDecoder decoder;
  int frames = 0;
  REQUIRE(decoder.feed(bytes, [&](const Frame& frame) {
    ++frames;
    REQUIRE(frame.headers.size() == 10);
    CHECK(frame.headers[0].type == FrameHeaderType::yes);
    CHECK(frame.headers[1].type == FrameHeaderType::no);
    for (int i = 2; i < 5; ++i) CHECK(frame.headers[static_cast<std::size_t>(i)].number == 1 - i);
    CHECK(frame.headers[5].number == INT64_MIN);
    CHECK(frame.headers[6].bytes == std::string_view("\0\xFF", 2));
    CHECK(frame.text(":event-type") == "chunk");
    CHECK(frame.text("g").empty());  // not text
    CHECK(frame.headers[8].number == 1'790'000'000'000);
    CHECK(frame.headers[9].bytes == "0123456789abcdef");
    CHECK(frame.payload == "payload");
  }));
  CHECK(frames == 1);
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
    CHECK(encoded_again(bytes + bytes, piece) == bytes + bytes);
}

// The frame without headers and payload is in the documentation of every AWS SDK.
TEST_CASE("event stream: the empty frame is 16 bytes") {
  std::string bytes;
  REQUIRE(append_frame(bytes, {}));
  CHECK(to_hex(std::as_bytes(std::span(bytes))) == "000000100000000005c248eb7d98c8ff");
  CHECK(encoded_again(bytes, 16) == bytes);
}

TEST_CASE("event stream: one wrong bit is noticed, wherever it is") {
  const std::string good = every_type();
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    CAPTURE(at);
    CHECK(encoded_again(bytes, bytes.size()).error().code == Code::upstream_failed);
    CHECK(encoded_again(bytes, 5).error().code == Code::upstream_failed);
  }
}

TEST_CASE("event stream: limits hold before a payload is collected") {
  Frame frame;
  const std::string payload(101, 'x');
  frame.payload = payload;
  std::string bytes;
  REQUIRE(append_frame(bytes, frame));
  FrameDecoder decoder(100);
  const auto fed = decoder.feed(std::string_view(bytes).substr(0, 12), [](const Frame&) {});
  REQUIRE_FALSE(fed);
  CHECK(fed.error().code == Code::too_large);
  CHECK(FrameDecoder(101).feed(bytes, [](const Frame&) {}));
}

TEST_CASE("event stream: refuses to write what cannot be read") {
  std::string out;
  const std::string long_name(256, 'n');
  const std::string long_value(65'536, 'v');
  const std::string value(65'535, 'v');
  for (const FrameHeader& header :
       {FrameHeader{.name = ""}, FrameHeader{.name = long_name},
        FrameHeader{.name = "a", .bytes = long_value},
        FrameHeader{.name = "a", .type = FrameHeaderType::uuid, .bytes = "short"}}) {
    Frame frame;
    frame.headers = {header};
    CHECK(append_frame(out, frame).error().code == Code::invalid_request);
  }
  Frame frame;
  frame.headers = {
      {.name = "a", .bytes = value}, {.name = "b", .bytes = value}, {.name = "c", .bytes = "12345678"}};
  CHECK(append_frame(out, frame).error().code == Code::too_large);
  CHECK(out.empty());
}

TEST_CASE("event stream: every recorded stream of Bedrock decodes, and encodes to the same bytes") {
  const auto all = test::recordings("bedrock");
  if (all.empty()) {
    MESSAGE("skipped: no recordings below " << test::shared_data().string()
                                            << "; WEIR_SHARED names their folder");
    return;
  }
  int streams = 0;
  int frames = 0;
  for (const test::Recording& recording : all) {
    CAPTURE(recording.name);
    const json::value* response = find_member(recording.exchange, "response");
    REQUIRE(response != nullptr);
    const std::string_view coded = string_member(*response, "body_base64");
    if (coded.empty()) continue;
    const auto bytes = from_base64(coded);
    REQUIRE(bytes);
    ++streams;
    int seen = 0;
    CHECK(encoded_again(*bytes, bytes->size(), &seen) == *bytes);
    CHECK(seen == find_member(recording.exchange, "eventstream_frames")->as_int64());
    frames += seen;
    for (const std::size_t piece : {1U, 3U, 12U, 13U, 100U, 1000U})
      CHECK(encoded_again(*bytes, piece) == *bytes);
  }
  MESSAGE(streams << " streams, " << frames << " frames");
  CHECK(streams == 40);
}

}  // namespace weir::net
