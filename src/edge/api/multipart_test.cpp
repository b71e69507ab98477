#include "edge/api/multipart.h"

#include <doctest/doctest.h>

namespace weir::edge {
namespace {

constexpr std::string_view kTwoParts =
    "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA title\r\n"
    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\docs\\a.md\"\r\n"
    "Content-Type: text/markdown\r\n\r\n# A\r\n\r\n--not the end\r\n--b--\r\nepilogue";

// Feeds in pieces of `size` and collects the parts.
Result<std::vector<MultipartPart>> parse(std::string_view body, std::size_t size,
                                         MultipartLimits limits = {}) {
  MultipartParser parser("b", limits);
  std::vector<MultipartPart> parts;
  for (std::size_t at = 0; at < body.size(); at += size) {
    if (auto fed = parser.feed(body.substr(at, size)); !fed) return fail(fed);
    while (auto part = parser.take()) parts.push_back(*std::move(part));
  }
  if (auto ended = parser.finish(); !ended) return fail(ended);
  return parts;
}

TEST_CASE("parts come out the same whatever the pieces") {
  for (std::size_t size = 1; size <= kTwoParts.size(); ++size) {
    CAPTURE(size);
    const auto parts = parse(kTwoParts, size);
    REQUIRE(parts.has_value());
    REQUIRE(parts->size() == 2);
    CHECK((*parts)[0].name == "title");
    CHECK((*parts)[0].filename == "");
    CHECK((*parts)[0].body == "A title");
    CHECK((*parts)[1].name == "file");
    CHECK((*parts)[1].filename == "a.md");
    CHECK((*parts)[1].media_type == "text/markdown");
    CHECK((*parts)[1].body == "# A\r\n\r\n--not the end");
  }
}

TEST_CASE("a preamble, padding and an empty body are legal") {
  const std::string_view body =
      "preamble\r\n--b \t\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--b--";
  for (std::size_t size = 1; size <= body.size(); ++size) {
    const auto parts = parse(body, size);
    REQUIRE(parts.has_value());
    REQUIRE(parts->size() == 1);
    CHECK((*parts)[0].name == "a");
    CHECK((*parts)[0].body == "");
  }
}

TEST_CASE("broken framing is refused") {
  for (const std::string_view body :
       {"", "--b", "--b\r\n", "--bx\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nno end", "--b\r\n\r\nno fields\r\n--b--",
        "--b\r\nno colon\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\n1\r\n--b--"}) {
    CAPTURE(body);
    for (const std::size_t size : {1uz, 7uz, 1'000uz}) {
      const auto parts = parse(body, size);
      REQUIRE_FALSE(parts.has_value());
      CHECK(parts.error().code == Code::invalid_request);
    }
  }
}

TEST_CASE("each limit holds") {
  const std::string head = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n";
  const MultipartLimits limits{.part_size_max = 10, .head_size_max = 60, .parts_max = 2};
  CHECK(parse(head + "0123456789\r\n--b--", 3, limits).has_value());
  const std::string part = head.substr(2) + "1\r\n--";
  for (const std::string& body :
       {head + "0123456789x\r\n--b--", head + std::string(1'000, 'x'),
        "--b\r\nX: " + std::string(100, 'x') + "\r\n\r\n\r\n--b--", "--" + part + part + part + "b--"}) {
    for (const std::size_t size : {1uz, 5uz, 5'000uz}) {
      const auto parts = parse(body, size, limits);
      REQUIRE_FALSE(parts.has_value());
      CHECK(parts.error().code == Code::too_large);
    }
  }
}

TEST_CASE("the boundary is found in the content type") {
  CHECK(multipart_boundary("multipart/form-data; boundary=abc") == "abc");
  CHECK(multipart_boundary("Multipart/Form-Data; charset=utf-8; BOUNDARY=\"a b\"") == "a b");
  CHECK(multipart_boundary("multipart/form-data; xboundary=abc") == std::nullopt);
  CHECK(multipart_boundary("multipart/form-data") == std::nullopt);
  CHECK(multipart_boundary("multipart/form-data; boundary=") == std::nullopt);
  CHECK(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'a')) == std::nullopt);
  CHECK(multipart_boundary("application/json; boundary=a") == std::nullopt);
}

}  // namespace
}  // namespace weir::edge
