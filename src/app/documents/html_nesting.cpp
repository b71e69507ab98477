#include "app/documents/html_nesting.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"

namespace weir::app {
namespace {

// Elements without contents, and those that the next of their kind closes: outside SVG and MathML they
// never nest by themselves.
constexpr std::array<std::string_view, 30> kUncounted = {
    "p",      "li",       "dt",   "dd",   "tr",   "td",    "th",     "thead", "tbody", "tfoot",
    "option", "optgroup", "html", "head", "body", "br",    "hr",     "img",   "input", "meta",
    "link",   "area",     "base", "col",  "wbr",  "embed", "source", "track", "param", "colgroup"};

// Elements whose contents are text up to their end tag (HTML §13.2.5.2).
constexpr std::array<std::string_view, 4> kRawText = {"script", "style", "textarea", "title"};

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

template <class List>
bool holds(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

// Walks over the tags as an HTML tokenizer does: quoted attributes and comments hold no tags.
class Counter {
 public:
  explicit Counter(std::string_view html) : html_(html) {}

  std::size_t run() {
    while ((at_ = html_.find('<', at_)) != std::string_view::npos) {
      const char next = peek(1);
      if (is_letter(next)) {
        take_start_tag();
      } else if (next == '/' && is_letter(peek(2))) {
        take_end_tag();
      } else if (next == '!' || next == '?' || next == '/') {
        skip_comment();
      } else {
        ++at_;
      }
    }
    return deepest_;
  }

 private:
  char peek(std::size_t ahead) const { return at_ + ahead < html_.size() ? html_[at_ + ahead] : '\0'; }

  std::string take_name() {
    std::size_t end = at_;
    while (end < html_.size() && !is_space(html_[end]) && html_[end] != '/' && html_[end] != '>') ++end;
    std::string name = to_lower(html_.substr(at_, end - at_));
    at_ = end;
    return name;
  }

  // To behind the '>' that ends the tag; whether a '/' stands before it.
  bool skip_attributes() {
    bool self_closing = false;
    while (at_ < html_.size()) {
      const char c = html_[at_++];
      if (c == '>') return self_closing;
      self_closing = c == '/';
      if (is_space(c) || c == '/') continue;
      while (at_ < html_.size() && !is_space(html_[at_]) && !std::string_view("/>=").contains(html_[at_]))
        ++at_;
      std::size_t value = at_;
      while (value < html_.size() && is_space(html_[value])) ++value;
      if (value < html_.size() && html_[value] == '=') skip_value(value + 1);
    }
    return false;
  }

  void skip_value(std::size_t from) {
    while (from < html_.size() && is_space(html_[from])) ++from;
    at_ = from;
    if (peek(0) == '"' || peek(0) == '\'') {
      at_ = std::min(html_.find(peek(0), from + 1), html_.size() - 1) + 1;
    } else {
      while (at_ < html_.size() && !is_space(html_[at_]) && html_[at_] != '>') ++at_;
    }
  }

  void take_start_tag() {
    ++at_;
    const std::string name = take_name();
    const bool self_closing = skip_attributes();
    const bool foreign = inside_ > 0;
    if (foreign ? self_closing : holds(kUncounted, name)) return;
    if (!foreign && holds(kRawText, name)) {
      skip_raw_text(name);
      return;
    }
    if (changes_rules(name)) ++inside_;
    open_.push_back(name);
    deepest_ = std::max(deepest_, open_.size());
  }

  void take_end_tag() {
    at_ += 2;
    const std::string name = take_name();
    skip_attributes();
    if (open_.empty() || open_.back() != name) return;
    if (changes_rules(name)) --inside_;
    open_.pop_back();
  }

  // Within these, elements nest that do not elsewhere, and scripts may be read as tags.
  static bool changes_rules(std::string_view name) {
    return name == "svg" || name == "math" || name == "select" || name == "frameset";
  }

  void skip_raw_text(std::string_view name) {
    const std::size_t begin = at_;
    while ((at_ = html_.find("</", at_)) != std::string_view::npos) {
      const char behind = peek(2 + name.size());
      if (iequals(html_.substr(at_ + 2, name.size()), name) &&
          (is_space(behind) || behind == '/' || behind == '>')) {
        // "<!-- <script" makes the next end tag part of the text (the "script data double escaped" state).
        // Whether it still is text here is left open: nothing that is open by now counts as closed again.
        const std::string text = to_lower(html_.substr(begin, at_ - begin));
        const auto comment = text.find("<!--");
        if (comment != std::string::npos && text.find("<script", comment) != std::string::npos)
          open_.emplace_back();
        return;  // the end tag itself closes nothing that is counted
      }
      at_ += 2;
    }
    at_ = html_.size();
  }

  // "<!-- … -->", "<!doctype …>", "<? … >", "</ … >". What a CDATA section hides counts as tags: it is one
  // only within SVG and MathML.
  void skip_comment() {
    if (!html_.substr(at_).starts_with("<!--")) {
      at_ = std::min(html_.find('>', at_), html_.size());
      return;
    }
    at_ += 4;
    if (peek(0) == '>' || html_.substr(at_).starts_with("->")) return;
    while ((at_ = html_.find("--", at_)) != std::string_view::npos) {
      std::size_t end = at_ + 2;
      if (end < html_.size() && html_[end] == '!') ++end;
      if (end < html_.size() && html_[end] == '>') return;
      ++at_;
    }
    at_ = html_.size();
  }

  std::string_view html_;
  std::size_t at_ = 0;
  std::vector<std::string> open_;
  std::size_t inside_ = 0;  // of elements that change the rules
  std::size_t deepest_ = 0;
};

}  // namespace

std::size_t html_nesting(std::string_view html) {
  return Counter(html).run();
}

}  // namespace weir::app
