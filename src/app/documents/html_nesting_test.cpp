#include "app/documents/html_nesting.h"

#include <doctest/doctest.h>
#include <gumbo.h>

#include <array>
#include <string>
#include <vector>

#include "base/random.h"

namespace weir::app {
namespace {

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// The depth of the tree that gumbo builds.
std::size_t true_depth(std::string_view html) {
  GumboOutput* output = gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size());
  std::size_t deepest = 0;
  std::vector<std::pair<const GumboNode*, std::size_t>> open{{output->root, 1}};
  while (!open.empty()) {
    const auto [node, depth] = open.back();
    open.pop_back();
    deepest = std::max(deepest, depth);
    if (node->type != GUMBO_NODE_ELEMENT && node->type != GUMBO_NODE_TEMPLATE) continue;
    for (unsigned i = 0; i < node->v.element.children.length; ++i) {
      open.emplace_back(static_cast<const GumboNode*>(node->v.element.children.data[i]), depth + 1);
    }
  }
  gumbo_destroy_output(&kGumboDefaultOptions, output);
  return deepest;
}

TEST_CASE("well-formed pages count what is open, whatever attributes, comments and scripts hold") {
  CHECK(html_nesting("<!doctype html><html><body><div><p>a<p>b</div><div><span>c</span></div>") == 2);
  CHECK(html_nesting("<ul><li>a<li>b</ul><table><tr><td>c<td>d</table>") == 1);
  CHECK(html_nesting("<a title='<i><i><i>' href=x><!-- <b><b><b> --></a>") == 1);
  CHECK(html_nesting("<script>if (a<b) w('<div><div>')</script><style>a>b{}</style><i>") == 1);
  CHECK(html_nesting(repeated("<div><b>x</b></div>", 1000)) == 2);
  CHECK(html_nesting("a < b, 1 <2, <") == 0);
}

TEST_CASE("no trick makes the count less than it is") {
  for (const std::string_view unit : {"<div></foo>",
                                      "<div></span>",
                                      "<rt>",
                                      "<b id=1><p>",
                                      "<div><a title=\"</a></div>\">",
                                      "<div><!--</div>-->",
                                      "<div><table></div>",
                                      "<svg><td>",
                                      "<svg><p><svg>",
                                      "<div><script><!--<script></script></div></script>",
                                      "<b><table><td></b></td></table>",
                                      "<div><select><style></select></div></style>",
                                      "<span><object></span>",
                                      "<div/>",
                                      "<DIV></Foo>",
                                      "<div><title></div></title>",
                                      "<button><p><button>",
                                      "<div =\"></div>\">",
                                      "<div><svg><![CDATA[</svg></div>]]>",
                                      "<div></div x=\"<div>\"><div>"}) {
    CAPTURE(unit);
    const std::string html = repeated(unit, 300);
    CHECK(true_depth(html) <= 8 * (html_nesting(html) + 2));
  }
}

TEST_CASE("the count bounds the depth of whatever gumbo makes of a soup of tags") {
  static constexpr std::array<std::string_view, 52> kPieces = {
      "<div>",      "</div>",      "<div a='", "'>",         "<b>",         "</b>",      "<a>",
      "</a>",       "<p>",         "</p>",     "<li>",       "</li>",       "<ul>",      "</ul>",
      "<table>",    "</table>",    "<tr>",     "<td>",       "</td>",       "<caption>", "<svg>",
      "</svg>",     "<math>",      "<mi>",     "</math>",    "<select>",    "</select>", "<option>",
      "<textarea>", "</textarea>", "<script>", "</script>",  "<!--",        "-->",       "<style>",
      "</style>",   "<title>",     "</title>", "<template>", "</template>", "<button>",  "</button>",
      "<form>",     "</form>",     "<span>",   "</span>",    "<rt>",        "<h1>",      "</h2>",
      "<object>",   "</object>",   "text"};
  SeededRandom random(17);
  for (int round = 0; round < 2000; ++round) {
    // A short unit again and again, so that what leaks one level for each repetition becomes deep.
    std::string unit;
    for (std::size_t n = 1 + random.next_u64() % 9; n > 0; --n)
      unit += kPieces[random.next_u64() % kPieces.size()];
    const std::string html = repeated(unit, 60);
    CAPTURE(unit);
    CHECK(true_depth(html) <= 8 * (html_nesting(html) + 2));
  }
}

TEST_CASE("counting takes linear time") {
  for (const std::string_view unit : {"<", "<!--", "<a '", "<div ", "</", "<script>", "-", "<svg/><"}) {
    CHECK(html_nesting(repeated(unit, 1'000'000)) <= 1'000'000);
  }
}

}  // namespace
}  // namespace weir::app
