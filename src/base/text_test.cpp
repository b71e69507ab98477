#include "base/text.h"

#include <doctest/doctest.h>

#include <array>

using namespace weir;

TEST_CASE("letters are compared without case in ASCII alone") {
  CHECK(iequals("Content-Type", "content-TYPE"));
  CHECK_FALSE(iequals("a", "ab"));
  CHECK_FALSE(iequals("[", "{"));
  CHECK(to_lower("ÄB-C9") == "Äb-c9");
}

TEST_CASE("trim and split keep what is between") {
  CHECK(trim(" \t a b \r\n") == "a b");
  CHECK(trim(" \n").empty());
  CHECK(split("a,,b,", ',') == std::vector<std::string_view>{"a", "", "b", ""});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
}

TEST_CASE("integers are the whole text") {
  CHECK(parse_int("-42") == -42);
  CHECK(parse_int("9223372036854775807") == INT64_MAX);
  for (const char* wrong : {"", "+1", " 1", "1 ", "1x", "0x1", "9223372036854775808", "--1", "1.0"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_int(wrong));
  }
}

TEST_CASE("UTF-8 is what RFC 3629 allows") {
  for (const char* good : {"", "ascii", "\u00E9", "\uFFFD", "\U0010FFFF", "\u0800", "\uD7FF", "\uE000"}) {
    CHECK(is_valid_utf8(good));
  }
  for (const std::string_view wrong :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC3(", "\xFF",
        "a\xE2\x82"}) {
    CAPTURE(wrong);
    CHECK_FALSE(is_valid_utf8(wrong));
  }
  CHECK(is_valid_utf8(std::string_view("a\0b", 3)));
}

TEST_CASE("code points are counted, not bytes") {
  CHECK(count_code_points("aé€😀") == 4);
  CHECK(count_code_points("") == 0);
  CHECK(first_code_points("aé€😀", 3) == "aé€");
  CHECK(first_code_points("aé€😀", 4) == "aé€😀");
  CHECK(first_code_points("aé", 0).empty());
  CHECK(first_code_points("", 5).empty());
}

TEST_CASE("bytes as text") {
  const std::array bytes = {std::byte{0x00}, std::byte{0xAB}, std::byte{0xFF}};
  CHECK(to_hex(bytes) == "00abff");
  CHECK(to_base62(std::array{std::byte{61}}, 3) == "00z");
  CHECK(to_base62(std::array{std::byte{1}, std::byte{0}}, 3) == "048");  // 256 = 4 · 62 + 8
}

TEST_CASE("base64 is RFC 4648's, test vectors of its §10 included") {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    CHECK(to_base64(plain) == coded);
    CHECK(from_base64(coded) == plain);
  }
  CHECK(from_base64("AP8=") == std::string("\0\xFF", 2));
  for (const char* wrong :
       {"Z", "Zg", "Zg=", "Zg==Zg==", "Z===", "====", "Zh==", "Zm9=", "AA=A", "Zm9v\n", "Zm-_", "=AAA"}) {
    CAPTURE(wrong);
    CHECK_FALSE(from_base64(wrong));
  }
}

TEST_CASE("base64url has no padding and no character that a URL would escape") {
  CHECK(to_base64url(std::string("\xFB\xFF\xFE", 3)) == "-__-");
  CHECK(to_base64url("f") == "Zg");
  CHECK(to_base64url("").empty());
}

TEST_CASE("percent encoding keeps what RFC 3986 calls unreserved, and decodes to what it was") {
  CHECK(percent_encode("a-Z_0.~ /:\xE1") == "a-Z_0.~%20%2F%3A%E1");
  CHECK(percent_encode("a/b:c", "/:") == "a/b:c");
  std::string every;
  for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
  CHECK(percent_decode(percent_encode(every)) == every);
  CHECK(percent_decode("%2f%2F") == "//");
  for (const char* wrong : {"%", "%2", "a%2", "%2g", "%g2"}) {
    CAPTURE(wrong);
    CHECK_FALSE(percent_decode(wrong));
  }
}

TEST_CASE("HTML is escaped for text and quoted attributes") {
  CHECK(escape_html("<a href=\"x\" b='y'>&amp;") == "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
}

TEST_CASE("edit distance is Levenshtein's") {
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "abc") == 0);
  CHECK(edit_distance("modle", "model") == 2);
}
