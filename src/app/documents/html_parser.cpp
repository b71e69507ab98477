#include "app/documents/html_parser.h"

#include <gumbo.h>

#include <cstdlib>
#include <memory>

#include "app/documents/confined/parse_child.h"
#include "app/documents/html_nesting.h"
#include "base/text.h"

namespace weir::app {
namespace {

bool is_hidden(const GumboElement& element) {
  switch (element.tag) {
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_NOSCRIPT:
    case GUMBO_TAG_HEAD:
    case GUMBO_TAG_SVG:
    case GUMBO_TAG_IFRAME:
    case GUMBO_TAG_OBJECT:
    case GUMBO_TAG_TEXTAREA: return true;
    default: break;
  }
  if (gumbo_get_attribute(&element.attributes, "hidden") != nullptr) return true;
  const GumboAttribute* style = gumbo_get_attribute(&element.attributes, "style");
  if (style == nullptr) return false;
  std::string rules = to_lower(style->value);
  std::erase_if(rules, [](char c) { return c == ' '; });
  return rules.find("display:none") != std::string::npos ||
         rules.find("visibility:hidden") != std::string::npos;
}

int heading_level(GumboTag tag) {
  return tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6
             ? static_cast<int>(tag) - static_cast<int>(GUMBO_TAG_H1) + 1
             : 0;
}

bool breaks_line(GumboTag tag) {
  switch (tag) {
    case GUMBO_TAG_A:
    case GUMBO_TAG_ABBR:
    case GUMBO_TAG_B:
    case GUMBO_TAG_BDI:
    case GUMBO_TAG_BDO:
    case GUMBO_TAG_CITE:
    case GUMBO_TAG_CODE:
    case GUMBO_TAG_DATA:
    case GUMBO_TAG_DEL:
    case GUMBO_TAG_DFN:
    case GUMBO_TAG_EM:
    case GUMBO_TAG_FONT:
    case GUMBO_TAG_I:
    case GUMBO_TAG_INS:
    case GUMBO_TAG_KBD:
    case GUMBO_TAG_LABEL:
    case GUMBO_TAG_MARK:
    case GUMBO_TAG_Q:
    case GUMBO_TAG_S:
    case GUMBO_TAG_SAMP:
    case GUMBO_TAG_SMALL:
    case GUMBO_TAG_SPAN:
    case GUMBO_TAG_STRONG:
    case GUMBO_TAG_SUB:
    case GUMBO_TAG_SUP:
    case GUMBO_TAG_TD:
    case GUMBO_TAG_TH:
    case GUMBO_TAG_TIME:
    case GUMBO_TAG_TT:
    case GUMBO_TAG_U:
    case GUMBO_TAG_VAR:
    case GUMBO_TAG_IMG:
    case GUMBO_TAG_BUTTON:
    case GUMBO_TAG_WBR: return false;
    default: return true;
  }
}

// Builds the text while the tree is walked with an explicit stack.
class TextBuilder {
 public:
  void walk(const GumboNode* root) {
    struct Step {
      const GumboNode* node;
      std::size_t next_child;
    };
    std::vector<Step> stack{{root, 0}};
    while (!stack.empty()) {
      Step& step = stack.back();
      const GumboElement& element = step.node->v.element;
      if (step.next_child == element.children.length) {
        leave(element.tag);
        stack.pop_back();
        continue;
      }
      const auto* child = static_cast<const GumboNode*>(element.children.data[step.next_child++]);
      if (child->type == GUMBO_NODE_ELEMENT && !is_hidden(child->v.element)) {
        enter(child->v.element.tag);
        stack.push_back({child, 0});
      } else if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_CDATA ||
                 child->type == GUMBO_NODE_WHITESPACE) {
        add_text(child->v.text.text);
      }
    }
    end_block();
  }

  ParsedDocument take(std::string title) {
    if (title.empty()) title = first_heading_;
    return {.text = std::move(text_),
            .title = std::move(title),
            .blocks = std::move(blocks_),
            .headings = headings_.take()};
  }

 private:
  void enter(GumboTag tag) {
    if (tag == GUMBO_TAG_TABLE && !in_table_) {
      end_block();
      in_table_ = true;
      has_header_ = false;
      header_end_ = 0;
      kind_ = BlockKind::table;
    } else if (in_table_) {
      if (tag == GUMBO_TAG_TR) {
        new_line();
        if (has_header_ && header_end_ == 0 && text_.size() > begin_) header_end_ = text_.size() - 1;
      }
      has_header_ = has_header_ || tag == GUMBO_TAG_TH;
      if ((tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH) && !at_line_start()) text_ += " | ";
    } else if (tag == GUMBO_TAG_BR) {
      new_line();
    } else if (breaks_line(tag)) {
      end_block();
      level_ = heading_level(tag);
      kind_ = level_ > 0             ? BlockKind::heading
              : tag == GUMBO_TAG_LI  ? BlockKind::list_item
              : tag == GUMBO_TAG_PRE ? BlockKind::code
                                     : BlockKind::paragraph;
      if (tag == GUMBO_TAG_PRE) ++pre_depth_;
      if (tag == GUMBO_TAG_LI) text_ += "- ";
    }
  }

  void leave(GumboTag tag) {
    if (in_table_ && tag != GUMBO_TAG_TABLE) return;
    if (!breaks_line(tag) || tag == GUMBO_TAG_BR) return;
    if (tag == GUMBO_TAG_PRE && pre_depth_ > 0) --pre_depth_;
    end_block();
    in_table_ = false;
  }

  void add_text(std::string_view raw) {
    if (pre_depth_ > 0) {
      text_ += raw;
      return;
    }
    for (const char c : raw) {
      const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
      if (!space) {
        text_ += c;
      } else if (!at_line_start() && !text_.ends_with(' ')) {
        text_ += ' ';
      }
    }
  }

  bool at_line_start() const { return text_.size() == begin_ || text_.ends_with('\n'); }

  void new_line() {
    while (text_.size() > begin_ && text_.ends_with(' ')) text_.pop_back();
    if (text_.size() > begin_) text_ += '\n';
  }

  void end_block() {
    while (text_.size() > begin_ && (text_.ends_with(' ') || text_.ends_with('\n'))) text_.pop_back();
    const std::string_view block = std::string_view(text_).substr(begin_);
    if (trim(block).empty() || block == "-") {
      text_.resize(begin_);
    } else {
      if (kind_ == BlockKind::heading) {
        headings_.enter(level_, block);
        if (first_heading_.empty()) first_heading_ = std::string(block);
      }
      blocks_.push_back({kind_, begin_, text_.size(), headings_.current()});
      if (kind_ == BlockKind::table) blocks_.back().header_end = std::min(header_end_, text_.size());
      text_ += "\n\n";
      begin_ = text_.size();
    }
    kind_ = BlockKind::paragraph;
    level_ = 0;
  }

  std::string text_;
  std::vector<Block> blocks_;
  HeadingTree headings_;
  std::string first_heading_;
  std::size_t begin_ = 0;  // of the open block
  BlockKind kind_ = BlockKind::paragraph;
  int level_ = 0;
  int pre_depth_ = 0;
  bool in_table_ = false;
  bool has_header_ = false;  // of the open table
  std::size_t header_end_ = 0;
};

// gumbo writes to what it is given without a look. Without memory its process has nothing left to do.
void* allocate_or_end(std::size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::_Exit(kOutOfMemoryExit);
  return memory;
}

// The text of <title>, wherever in the head it stands.
std::string title_of(const GumboNode* root) {
  for (unsigned i = 0; i < root->v.element.children.length; ++i) {
    const auto* head = static_cast<const GumboNode*>(root->v.element.children.data[i]);
    if (head->type != GUMBO_NODE_ELEMENT || head->v.element.tag != GUMBO_TAG_HEAD) continue;
    for (unsigned k = 0; k < head->v.element.children.length; ++k) {
      const auto* node = static_cast<const GumboNode*>(head->v.element.children.data[k]);
      if (node->type != GUMBO_NODE_ELEMENT || node->v.element.tag != GUMBO_TAG_TITLE) continue;
      if (node->v.element.children.length == 0) continue;
      const auto* text = static_cast<const GumboNode*>(node->v.element.children.data[0]);
      if (text->type == GUMBO_NODE_TEXT) return std::string(trim(text->v.text.text));
    }
  }
  return {};
}

}  // namespace

Result<ParsedDocument> parse_html(std::string_view bytes) {
  if (html_nesting(bytes) > kHtmlDepthMax) {
    return fail(Code::invalid_request,
                "the HTML nests more than " + std::to_string(kHtmlDepthMax) + " elements",
                "flatten it, or send it as text/plain");
  }
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = [](void*, std::size_t size) { return allocate_or_end(size); };
  const auto destroy = [](GumboOutput* output) { gumbo_destroy_output(&kGumboDefaultOptions, output); };
  const std::unique_ptr<GumboOutput, decltype(destroy)> output(
      gumbo_parse_with_options(&options, bytes.data(), bytes.size()), destroy);
  if (!output || !output->root || output->root->type != GUMBO_NODE_ELEMENT) {
    return fail(Code::invalid_request, "the HTML could not be parsed", "check the file");
  }
  TextBuilder builder;
  builder.walk(output->root);
  return builder.take(title_of(output->root));
}

}  // namespace weir::app
