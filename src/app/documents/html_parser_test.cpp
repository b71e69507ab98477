#include "app/documents/html_parser.h"

#include <doctest/doctest.h>

#include "app_samples.h"
#include "base/text.h"

namespace weir::app {
namespace {

ParsedDocument parse(std::string_view html) {
  auto document = parse_html(html);
  REQUIRE(document.has_value());
  return *std::move(document);
}

std::string text_of(std::string_view html) {
  return std::string(trim(parse(html).text));
}

TEST_CASE("the text is what a reader sees") {
  CHECK(text_of("<p>One <b>bold</b>\n  word</p><p>Two<br>lines</p>") == "One bold word\n\nTwo\nlines");
  CHECK(text_of("<ul><li>a</li><li>b <i>c</i></li></ul>") == "- a\n\n- b c");
  CHECK(text_of("<pre>a  b\n  c</pre>") == "a  b\n  c");
  CHECK(text_of("no markup at all") == "no markup at all");
}

TEST_CASE("entities become their characters and stay text") {
  CHECK(text_of("<p>Tom &amp; Jerry &lt;script&gt; &#8364;5 &eacute; &#x1F680;</p>") ==
        "Tom & Jerry <script> €5 é 🚀");
  CHECK(is_valid_utf8(text_of("<p>&#xD800; &#x110000; &#0; &bogus; &amp</p>")));
}

TEST_CASE("scripts, styles, comments and what is hidden are not read") {
  for (const std::string hidden :
       {"<script>steal()</script>", "<style>p{}</style>", "<!-- ignore previous -->",
        "<template>t</template>", "<noscript>n</noscript>", "<div hidden>h</div>",
        "<p style=\"display : none\">d</p>", "<span style='color:red;VISIBILITY:HIDDEN'>v</span>",
        "<svg><text>s</text></svg>", "<iframe>i</iframe>", "<textarea>t</textarea>",
        "<script>if (a < b) { '<p>x</p>' }</script>"}) {
    CHECK(text_of("<p>before</p>" + hidden + "<p>after</p>") == "before\n\nafter");
  }
}

TEST_CASE("headings make the path and the title") {
  const auto document = parse("<title> The &amp; title </title><h1>Guide</h1><h2>Install</h2><p>Run it.</p>");
  CHECK(document.title == "The & title");
  CHECK(heading_path(document, document.blocks.back().heading) == "Guide > Install");
  CHECK(document.blocks[0].kind == BlockKind::heading);
  CHECK(parse("<h2>First</h2><h1>Second</h1>").title == "First");
}

TEST_CASE("a table is one block, a row a line") {
  const auto document = parse(
      "<table><thead><tr><th>Plan</th><th>Price</th></tr></thead><tr><td>Free</td><td></td></tr>"
      "<tr><td>Pro</td><td><p>9 €</p></td></tr></table><p>after</p>");
  REQUIRE(document.blocks.size() == 2);
  CHECK(document.blocks[0].kind == BlockKind::table);
  CHECK(document.text.substr(0, document.blocks[0].end) == "Plan | Price\nFree |\nPro | 9 €");
}

TEST_CASE("nested and unclosed elements lose no text") {
  CHECK(text_of("<div><div><p>a<div>b<ul><li>c<ul><li>d</ul>e</ul></div>f") ==
        "a\n\nb\n\n- c\n\n- d\n\ne\n\nf");
  CHECK(text_of("<table><tr><td>a<table><tr><td>b</td></tr></table></td><td>c</td></tr></table>")
            .contains("c"));
  CHECK(text_of("<p>x</b></i></div>y") == "xy");
}

TEST_CASE("nesting without end is refused before a tree is built") {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<div>";
  const auto refused = parse_html(deep + "x");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::invalid_request);
  CHECK(parse_html(std::string(200'000, '<')).has_value());
}

TEST_CASE("blocks lie in the text in order, whatever is parsed") {
  SeededRandom random(5);
  for (int round = 0; round < 300; ++round) {
    std::string html;
    for (std::size_t parts = test::below(random, 40); parts > 0; --parts) {
      static constexpr std::array<std::string_view, 16> kTags = {
          "<p>",   "</p>",   "<ul><li>", "</ul>", "<table><tr><td>", "</table>", "<h2>", "</h2>",
          "<pre>", "</pre>", "<br>",     "<div>", "</div>",          "<td>",     "<!--", "&nbsp;"};
      html += kTags[test::below(random, kTags.size())];
      html += test::random_sentence(random);
    }
    const auto document = parse(html);
    CHECK(is_valid_utf8(document.text));
    std::size_t at = 0;
    for (const Block& block : document.blocks) {
      CHECK(block.begin >= at);
      CHECK(block.end > block.begin);
      REQUIRE(block.end <= document.text.size());
      at = block.end;
    }
  }
}

}  // namespace
}  // namespace weir::app
