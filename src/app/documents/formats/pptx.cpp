// PowerPoint: ppt/presentation.xml names the slides in their order; each slide may have notes.
#include "app/documents/formats/document_builder.h"
#include "app/documents/formats/office.h"
#include "app/documents/formats/xml.h"
#include "base/text.h"

namespace weir::app {
namespace {

class SlideList : public XmlHandler {
 public:
  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "sldId") ids.emplace_back(attributes.get_prefixed("r:id"));
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}

  std::vector<std::string> ids;
};

// The shapes of a slide, or of its notes.
class Slide : public XmlHandler {
 public:
  struct Shape {
    bool is_title = false;
    bool is_decoration = false;  // slide number, date, footer, the slide's picture on a page of notes
    std::vector<std::string> paragraphs;
    std::vector<std::vector<std::string>> rows;
  };

  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "sp" || name == "graphicFrame") {
      shapes.emplace_back();
    } else if (name == "ph" && !shapes.empty()) {
      const std::string_view type = attributes.get("type");
      shapes.back().is_title = type == "title" || type == "ctrTitle";
      shapes.back().is_decoration = type == "sldNum" || type == "dt" || type == "ftr" || type == "sldImg";
    } else if (name == "tr") {
      shape().rows.emplace_back();
      in_table_ = true;
    } else if (name == "tc" && in_table_) {
      shape().rows.back().emplace_back();
    } else if (name == "p") {
      paragraph_.clear();
    } else if (name == "t") {
      in_text_ = true;
    } else if (name == "br") {
      paragraph_ += '\n';
    }
  }

  void end(std::string_view name) override {
    if (name == "t") in_text_ = false;
    if (name == "tr") in_table_ = false;
    if (name != "p") return;
    if (in_table_ && !shape().rows.back().empty()) {
      std::string& cell = shape().rows.back().back();
      if (!cell.empty()) cell += ' ';
      cell += paragraph_;
    } else if (!trim(paragraph_).empty()) {
      shape().paragraphs.emplace_back(trim(paragraph_));
    }
    paragraph_.clear();
  }

  void text(std::string_view piece) override {
    if (!in_text_) return;
    size_ += piece.size();
    paragraph_ += piece;
  }
  bool enough() const override { return size_ > DocumentBuilder::kTextMax; }

  std::vector<Shape> shapes;

 private:
  Shape& shape() {
    if (shapes.empty()) shapes.emplace_back();
    return shapes.back();
  }

  std::string paragraph_;
  std::size_t size_ = 0;
  bool in_text_ = false, in_table_ = false;
};

void add_shapes(DocumentBuilder& out, const Slide& slide, std::string_view prefix) {
  for (const Slide::Shape& shape : slide.shapes) {
    if (shape.is_title || shape.is_decoration) continue;
    for (const std::string& paragraph : shape.paragraphs) {
      out.add(prefix.empty() ? BlockKind::list_item : BlockKind::paragraph, std::string(prefix) + paragraph);
    }
    for (const auto& row : shape.rows) out.add_row(row, &row == &shape.rows.front());
    out.end_table();
  }
}

std::string title_of(const Slide& slide, std::uint32_t number) {
  std::string title;
  for (const Slide::Shape& shape : slide.shapes) {
    if (!shape.is_title) continue;
    for (const std::string& line : shape.paragraphs) title += (title.empty() ? "" : " ") + line;
  }
  return title.empty() ? "Slide " + std::to_string(number) : title;
}

}  // namespace

Result<ParsedDocument> parse_pptx(std::string_view bytes) {
  auto archive = ZipArchive::open(bytes);
  if (!archive) return fail(archive);
  const std::string presentation = "ppt/presentation.xml";
  if (!archive->has(presentation)) {
    return fail(Code::invalid_request, "it is not a PowerPoint document, though it is named so",
                "check the file");
  }
  SlideList list;
  auto read = parse_xml_member(*archive, presentation, list);
  if (!read) return fail(read);
  auto parts = read_relationships(*archive, presentation);
  if (!parts) return fail(parts);
  DocumentBuilder out;
  std::uint32_t number = 0;
  for (const std::string& id : list.ids) {
    const std::string path = (*parts)[id];
    if (!archive->has(path)) continue;
    Slide slide;
    read = parse_xml_member(*archive, path, slide);
    if (!read) return fail(read);
    out.enter_page(++number);
    out.add(BlockKind::heading, title_of(slide, number), 1);
    add_shapes(out, slide, "");
    auto related = read_relationships(*archive, path);
    if (!related) return fail(related);
    for (const auto& [relation, target] : *related) {
      if (target.find("notesSlides/") == std::string::npos || !archive->has(target)) continue;
      Slide notes;
      read = parse_xml_member(*archive, target, notes);
      if (!read) return fail(read);
      add_shapes(out, notes, "Notes: ");
    }
    if (out.full()) break;
  }
  return out.take(title_property(*archive));
}

}  // namespace weir::app
