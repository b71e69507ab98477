// Word: word/document.xml, styles.xml and footnotes.xml.
#include <charconv>
#include <set>

#include "app/documents/formats/document_builder.h"
#include "app/documents/formats/office.h"
#include "app/documents/formats/xml.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::size_t kTableDepthMax = 32;

int number_of(std::string_view text, int otherwise) {
  int value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Style id → heading level. Word's built-in names are English in every language; ids are not.
class Styles : public XmlHandler {
 public:
  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "style") {
      id_ = attributes.get("styleId");
    } else if (name == "name") {
      const std::string style = to_lower(attributes.get("val"));
      if (style.starts_with("heading ")) levels[id_] = number_of(std::string_view(style).substr(8), 1);
      if (style == "title") levels[id_] = 1;
      if (style.starts_with("list ")) lists.insert(id_);
    } else if (name == "numPr" && !id_.empty()) {
      lists.insert(id_);
    } else if (name == "outlineLvl" && !id_.empty()) {
      const int level = number_of(attributes.get("val"), 9) + 1;
      if (level <= 6) levels[id_] = level;
    }
  }
  void end(std::string_view name) override {
    if (name == "style") id_.clear();
  }
  void text(std::string_view) override {}

  std::map<std::string, int> levels;
  std::set<std::string> lists;

 private:
  std::string id_;
};

class Body : public XmlHandler {
 public:
  Body(DocumentBuilder& out, const Styles& styles) : out_(out), styles_(styles) {}

  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (skipped_ > 0 || name == "Fallback") {  // of mc:AlternateContent: the same text once more
      ++skipped_;
    } else if (name == "p") {
      begin_paragraph();
    } else if (name == "pPr" || name == "sectPr") {
      in_properties_ = true;
    } else if (name == "pStyle" && in_properties_) {
      const std::string style(attributes.get("val"));
      const auto known = styles_.levels.find(style);
      if (known != styles_.levels.end()) level_ = known->second;
      in_list_ = styles_.lists.contains(style);
    } else if (name == "outlineLvl" && in_properties_) {
      const int level = number_of(attributes.get("val"), 9) + 1;
      if (level <= 6) level_ = level;
    } else if (name == "numPr" && in_properties_) {
      in_list_ = true;
    } else if (name == "t") {
      in_text_ = true;
    } else if ((name == "tab" || name == "ptab") && !in_properties_) {
      paragraph_ += '\t';
    } else if (name == "br" || name == "cr") {
      paragraph_ += '\n';
    } else if (name == "noBreakHyphen") {
      paragraph_ += '-';
    } else if (name == "tbl") {
      if (tables_.empty()) flush();
      if (tables_.size() < kTableDepthMax) tables_.emplace_back();
      ++table_depth_;
    } else if (name == "tr" && !tables_.empty()) {
      tables_.back().cells.clear();
    } else if (name == "tc" && !tables_.empty()) {
      tables_.back().cells.emplace_back();
    }
  }

  void end(std::string_view name) override {
    if (skipped_ > 0) {
      --skipped_;
    } else if (name == "p") {
      end_paragraph();
    } else if (name == "pPr" || name == "sectPr") {
      in_properties_ = false;
    } else if (name == "t") {
      in_text_ = false;
    } else if (name == "tr" && tables_.size() == 1) {
      out_.add_row(tables_.back().cells, tables_.back().rows++ == 0);
    } else if (name == "tr" && !tables_.empty()) {
      add_inner_row();
    } else if (name == "tbl" && table_depth_ > 0) {
      if (table_depth_-- == tables_.size()) tables_.pop_back();
      if (tables_.empty()) out_.end_table();
    }
  }

  void text(std::string_view piece) override {
    if (in_text_ && skipped_ == 0) paragraph_ += piece;
  }

  bool enough() const override { return out_.full() || paragraph_.size() > DocumentBuilder::kTextMax; }
  // What stands in a paragraph that nothing closed, as when it was too long.
  void finish() { out_.add(BlockKind::paragraph, paragraph_); }

 private:
  struct Table {
    std::vector<std::string> cells;
    std::size_t rows = 0;
  };

  // A paragraph within a paragraph is a text box: its words follow those before it.
  void begin_paragraph() {
    if (++paragraphs_open_ > 1) {
      paragraph_ += '\n';
      return;
    }
    paragraph_.clear();
    level_ = 0;
    in_list_ = false;
  }

  void end_paragraph() {
    if (paragraphs_open_ > 0 && --paragraphs_open_ > 0) {
      paragraph_ += '\n';
      return;
    }
    if (tables_.empty()) {
      flush();
    } else if (!tables_.back().cells.empty()) {
      std::string& cell = tables_.back().cells.back();
      if (!cell.empty()) cell += ' ';
      cell += paragraph_;
    }
    paragraph_.clear();
  }

  void flush() {
    if (trim(paragraph_).empty()) return;
    if (level_ > 0) {
      out_.add(BlockKind::heading, paragraph_, level_);
    } else if (in_list_) {
      out_.add(BlockKind::list_item, "- " + std::string(trim(paragraph_)));
    } else {
      out_.add(BlockKind::paragraph, paragraph_);
    }
    paragraph_.clear();
  }

  // A table within a cell becomes that cell's text.
  void add_inner_row() {
    std::string row;
    for (const std::string& cell : tables_.back().cells) row += (row.empty() ? "" : ", ") + cell;
    Table& outer = tables_[tables_.size() - 2];
    if (outer.cells.empty()) return;
    if (!outer.cells.back().empty()) outer.cells.back() += "; ";
    outer.cells.back() += row;
  }

  DocumentBuilder& out_;
  const Styles& styles_;
  std::string paragraph_;
  std::vector<Table> tables_;
  std::size_t table_depth_ = 0;
  std::size_t skipped_ = 0;
  std::size_t paragraphs_open_ = 0;
  int level_ = 0;
  bool in_text_ = false, in_properties_ = false, in_list_ = false;
};

}  // namespace

Result<ParsedDocument> parse_docx(std::string_view bytes) {
  auto archive = ZipArchive::open(bytes);
  if (!archive) return fail(archive);
  if (!archive->has("word/document.xml")) {
    return fail(Code::invalid_request, "it is not a Word document, though it is named so", "check the file");
  }
  Styles styles;
  if (archive->has("word/styles.xml")) {
    auto read = parse_xml_member(*archive, "word/styles.xml", styles);
    if (!read) return fail(read);
  }
  DocumentBuilder out;
  Body body(out, styles);
  auto read = parse_xml_member(*archive, "word/document.xml", body);
  if (!read) return fail(read);
  body.finish();
  for (const char* const notes : {"word/footnotes.xml", "word/endnotes.xml"}) {
    if (!archive->has(notes)) continue;
    Body note(out, styles);
    auto read_notes = parse_xml_member(*archive, notes, note);
    if (!read_notes) return fail(read_notes);
  }
  return out.take(title_property(*archive));
}

}  // namespace weir::app
