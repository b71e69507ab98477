#include "data/words.h"

#include <doctest/doctest.h>

namespace weir::data {

using Words = std::vector<std::string>;

TEST_CASE("words are runs of letters, marks and digits") {
  CHECK(words_of("Hello, World_2! été naïve 東京") == Words{"hello", "world", "2", "été", "naïve", "東京"});
  CHECK(words_of("") == Words{});
  CHECK(words_of("…—\"'") == Words{});
  CHECK(words_of("ab\xFF"
                 "cd\xC3") == Words{"ab", "cd"});
}

TEST_CASE("camelCase has parts") {
  CHECK(identifier_parts("maxTokens") == "max tokens");
  CHECK(identifier_parts("HTTPServer2Run plain WORDS") == "http server2 run");
  CHECK(identifier_parts("iPhone mTOR isA") == "phone tor");
  CHECK(identifier_parts("plain words, Capital OK") == "");
}

TEST_CASE("a query keeps what tells something") {
  CHECK(query_words("What is the maxTokens of a call? The call!") ==
        Words{"maxtokens", "max", "tokens", "call"});
  CHECK(query_words("to be or not to be") == Words{"to", "be", "or", "not"});
  std::string many;
  for (int i = 0; i < 200; ++i) many += "word" + std::to_string(i) + " ";
  CHECK(query_words(many).size() == kQueryWordsMax);
}

}  // namespace weir::data
