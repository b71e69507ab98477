#include "app/documents/markdown_parser.h"

#include <md4c.h>

#include <limits>

#include "base/text.h"

namespace weir::app {
namespace {

// md4c reports text as views into the source; a block is the lines between its first and last view.
class BlockCollector {
 public:
  explicit BlockCollector(std::string_view source) : source_(source) {}

  void enter(MD_BLOCKTYPE type, void* detail) {
    if (in_table_) return;
    flush();
    kind_ = kind_of(type);
    if (type == MD_BLOCK_H) level_ = static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
    in_table_ = type == MD_BLOCK_TABLE;
  }

  void leave(MD_BLOCKTYPE type) {
    if (in_table_ && type != MD_BLOCK_TABLE) return;
    in_table_ = false;
    flush();
    kind_ = type == MD_BLOCK_P ? BlockKind::list_item : BlockKind::paragraph;
  }

  void text(std::string_view piece) {
    const auto* const base = source_.data();
    if (piece.data() >= base && piece.data() + piece.size() <= base + source_.size()) {
      const auto at = static_cast<std::size_t>(piece.data() - base);
      first_ = std::min(first_, at);
      last_ = std::max(last_, at + piece.size());
    }
    if (kind_ == BlockKind::heading) heading_text_ += piece;
  }

  void flush() {
    if (first_ < last_) add_block();
    first_ = std::numeric_limits<std::size_t>::max();
    last_ = 0;
    heading_text_.clear();
  }

  ParsedDocument take() {
    return {.text = std::string(source_),
            .title = std::move(title_),
            .blocks = std::move(blocks_),
            .headings = headings_.take()};
  }

 private:
  static BlockKind kind_of(MD_BLOCKTYPE type) {
    switch (type) {
      case MD_BLOCK_H: return BlockKind::heading;
      case MD_BLOCK_CODE: return BlockKind::code;
      case MD_BLOCK_TABLE: return BlockKind::table;
      case MD_BLOCK_LI: return BlockKind::list_item;
      default: return BlockKind::paragraph;
    }
  }

  std::size_t line_begin(std::size_t at) const {
    const auto before = source_.substr(0, at).rfind('\n');
    return before == std::string_view::npos ? 0 : before + 1;
  }

  void add_block() {
    std::size_t begin = line_begin(first_);
    // The opening fence of a code block is the line above its first text.
    if (kind_ == BlockKind::code && begin > 0) {
      const std::size_t above = line_begin(begin - 1);
      const auto fence = trim(source_.substr(above, begin - above));
      if (fence.starts_with("```") || fence.starts_with("~~~")) begin = above;
    }
    if (!blocks_.empty()) begin = std::max(begin, blocks_.back().end);
    const std::size_t end = std::min(source_.find('\n', last_ == 0 ? 0 : last_ - 1), source_.size());
    if (kind_ == BlockKind::heading) {
      headings_.enter(level_, heading_text_);
      if (title_.empty()) title_ = std::string(trim(heading_text_));
    }
    if (begin >= end) return;
    blocks_.push_back({kind_, begin, end, headings_.current()});
    if (kind_ != BlockKind::table) return;
    // The header row and the line that divides it from the others.
    const std::size_t row_end = source_.find('\n', begin);
    if (row_end < end) blocks_.back().header_end = std::min(source_.find('\n', row_end + 1), end);
  }

  std::string_view source_;
  std::vector<Block> blocks_;
  HeadingTree headings_;
  std::string title_;
  std::string heading_text_;
  BlockKind kind_ = BlockKind::paragraph;
  int level_ = 1;
  bool in_table_ = false;
  std::size_t first_ = std::numeric_limits<std::size_t>::max();
  std::size_t last_ = 0;
};

BlockCollector& collector(void* user) {
  return *static_cast<BlockCollector*>(user);
}

}  // namespace

Result<ParsedDocument> parse_markdown(std::string_view bytes) {
  BlockCollector blocks(bytes);
  MD_PARSER callbacks{};
  callbacks.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_PERMISSIVEATXHEADERS;
  callbacks.enter_block = [](MD_BLOCKTYPE type, void* detail, void* user) {
    collector(user).enter(type, detail);
    return 0;
  };
  callbacks.leave_block = [](MD_BLOCKTYPE type, void*, void* user) {
    collector(user).leave(type);
    return 0;
  };
  callbacks.enter_span = [](MD_SPANTYPE, void*, void*) { return 0; };
  callbacks.leave_span = [](MD_SPANTYPE, void*, void*) { return 0; };
  callbacks.text = [](MD_TEXTTYPE, const MD_CHAR* text, MD_SIZE size, void* user) {
    collector(user).text({text, size});
    return 0;
  };
  if (md_parse(bytes.data(), static_cast<MD_SIZE>(bytes.size()), &callbacks, &blocks) != 0) {
    return fail(Code::invalid_request, "the Markdown could not be parsed", "check the file");
  }
  blocks.flush();
  return blocks.take();
}

}  // namespace weir::app
