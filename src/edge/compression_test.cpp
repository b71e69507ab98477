#include "edge/compression.h"

#include <brotli/decode.h>
#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

namespace weir::edge {
namespace {

std::string gunzip(std::string_view bytes, std::size_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  inflateEnd(&stream);
  return out;
}

net::Response json_of(std::size_t size) {
  net::Response response;
  response.headers.add("content-type", "application/json; charset=utf-8");
  response.body.assign(size, 'a');
  return response;
}

TEST_CASE("the coding is chosen by weight, then by preference") {
  struct Row {
    std::string_view accept;
    Coding coding;
  };
  for (const Row row :
       {Row{"", Coding::identity}, Row{"gzip", Coding::gzip}, Row{"gzip, deflate, br", Coding::br},
        Row{"gzip, deflate, br, zstd", Coding::zstd}, Row{"br;q=0.5, gzip;q=0.8", Coding::gzip},
        Row{"*", Coding::zstd}, Row{"*;q=0.1, zstd;q=0", Coding::br}, Row{"identity", Coding::identity},
        Row{"gzip;q=0", Coding::identity}, Row{"GZIP", Coding::gzip}, Row{"gzip;q=2", Coding::identity},
        Row{"gzip ; q=0.001", Coding::gzip}, Row{"br;q=x", Coding::identity}}) {
    CAPTURE(row.accept);
    CHECK(choose_coding(row.accept) == row.coding);
  }
}

TEST_CASE("each coding can be undone") {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "{\"row\":" + std::to_string(i) + "}";
  CHECK(gunzip(compress(text, Coding::gzip), text.size()) == text);

  const std::string br = compress(text, Coding::br);
  std::string out(text.size(), '\0');
  std::size_t size = out.size();
  CHECK(BrotliDecoderDecompress(br.size(), reinterpret_cast<const std::uint8_t*>(br.data()), &size,
                                reinterpret_cast<std::uint8_t*>(out.data())) ==
        BROTLI_DECODER_RESULT_SUCCESS);
  CHECK(out == text);

  const std::string zstd = compress(text, Coding::zstd);
  std::string back(text.size(), '\0');
  CHECK(ZSTD_decompress(back.data(), back.size(), zstd.data(), zstd.size()) == text.size());
  CHECK(back == text);
}

TEST_CASE("an answer is compressed only where that is worth it") {
  auto large = json_of(4'096);
  compress_response(large, "gzip");
  CHECK(large.headers.get("content-encoding") == "gzip");
  CHECK(large.headers.get("vary") == "Accept-Encoding");
  CHECK(large.body.size() < 200);

  auto small = json_of(1'000);
  compress_response(small, "gzip");
  CHECK_FALSE(small.headers.contains("content-encoding"));

  auto plain = json_of(4'096);
  compress_response(plain, "");
  CHECK_FALSE(plain.headers.contains("content-encoding"));
  CHECK(plain.headers.get("vary") == "Accept-Encoding");

  auto image = json_of(4'096);
  image.headers.set("content-type", "image/png");
  compress_response(image, "gzip");
  CHECK(image.body.size() == 4'096);

  auto encoded = json_of(4'096);
  encoded.headers.add("content-encoding", "gzip");
  compress_response(encoded, "br");
  CHECK(encoded.headers.get("content-encoding") == "gzip");
  CHECK(encoded.body.size() == 4'096);
}

TEST_CASE("an event stream and what forbids transforming stay as they are") {
  auto stream = json_of(4'096);
  stream.headers.set("content-type", "text/event-stream");
  compress_response(stream, "gzip");
  CHECK(stream.body.size() == 4'096);
  auto kept = json_of(4'096);
  kept.headers.add("cache-control", "no-cache, no-transform");
  compress_response(kept, "gzip");
  CHECK(kept.body.size() == 4'096);
}

}  // namespace
}  // namespace weir::edge
