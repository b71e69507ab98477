#include "net/target.h"

#include <doctest/doctest.h>

namespace weir::net {
namespace {

std::string decoded(std::string_view raw) {
  std::string out;
  return decode_path(raw, out) ? out : "refused";
}

}  // namespace

TEST_CASE("a path is decoded once") {
  CHECK(decoded("/") == "/");
  CHECK(decoded("/a%20b/%C3%A9") == "/a b/\xC3\xA9");
  CHECK(decoded("/%252e%252E/x") == "/%2e%2E/x");
  CHECK(decoded("/a;b=c,d:@!$&'()*+=~") == "/a;b=c,d:@!$&'()*+=~");
  CHECK(decoded("//a//") == "//a//");
  CHECK(decoded("/..a/b../.../.b") == "/..a/b../.../.b");
}

TEST_CASE("what two readers of a path could read differently is refused") {
  for (const std::string_view raw :
       {"",      "a",    "/%00", "/%0a",    "/%7F",       "/a%2fb",    "/a%2Fb",     "/a%5cb",
        "/a\\b", "/.",   "/..",  "/a/../b", "/a/./b",     "/%2e%2e/a", "/a/%2E",     "/a/.%2e",
        "/%",    "/%4",  "/%zz", "/%C0%AF", "/%E0%80%AF", "/%FF",      "/%ED%A0%80", "/a b",
        "/a\"b", "/<a>", "/a|b", "/{a}",    "/a^b",       "/a`b",      "/\xC3\xA9"}) {
    CAPTURE(raw);
    CHECK(decoded(raw) == "refused");
  }
}

TEST_CASE("an escaped slash is kept below one root, and hides no dot segments there") {
  CHECK(decoded("/model/arn%3Aaws%3Abedrock%3A%3A1%3Aprofile%2fus.a/invoke") ==
        "/model/arn:aws:bedrock::1:profile%2Fus.a/invoke");
  CHECK(decoded("/model/a%252Fb/invoke") == "/model/a%2Fb/invoke");
  for (const std::string_view raw :
       {"/model/..%2Fb/invoke", "/model/a%2F../invoke", "/model/a%2f%2e%2Finvoke", "/model/a%2F%2e%2e",
        "/model%2Fa", "/models/a%2Fb", "/model/a%5cb"}) {
    CAPTURE(raw);
    CHECK(decoded(raw) == "refused");
  }
}

TEST_CASE("the query stays as it is, a fragment is refused") {
  std::string path, query;
  CHECK(parse_origin_form("/a?b=%2e&c?d/..", path, query));
  CHECK(path == "/a");
  CHECK(query == "b=%2e&c?d/..");
  CHECK(parse_origin_form("/a", path, query));
  CHECK(query.empty());
  CHECK(!parse_origin_form("/a#b", path, query));
  CHECK(!parse_origin_form("/a?b#c", path, query));
}

TEST_CASE("authorities") {
  for (const std::string_view good : {"a", "example.com", "example.com:80", "127.0.0.1:8080", "[::1]",
                                      "[::1]:443", "a-b_c.d~e", "example.com:"}) {
    CAPTURE(good);
    CHECK(is_valid_authority(good));
  }
  for (const std::string_view bad :
       {"",     ":80",  "a b", "a,b", "a/b",         "user@a", "a:b",  "a:80:80",   "a:65536", "a:000080",
        "a:-1", "[::1", "::1", "[a]", "[127.0.0.1]", "[::1]x", "a%41", "a\xC3\xA9", "a#",      "a?"}) {
    CAPTURE(bad);
    CHECK(!is_valid_authority(bad));
  }
}

}  // namespace weir::net
