// app/documents/formats/pdf/page_text.h: glyphs at their places → lines of text. Pure.
//
// Lines keep the order in which the page draws them, which is the order of reading in what programs write;
// a gap between two glyphs is a space.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/documents/formats/document_builder.h"

namespace weir::app {

struct Point {
  double x = 0, y = 0;
};

// [a b 0; c d 0; e f 1], as PDF writes it (ISO 32000-1 §8.3.3).
struct Matrix {
  double a = 1, b = 0, c = 0, d = 1, e = 0, f = 0;
  Point apply(Point p) const { return {a * p.x + c * p.y + e, b * p.x + d * p.y + f}; }
};
Matrix multiply(const Matrix& first, const Matrix& then);

struct TextLine {
  std::string text;
  double size = 0;   // of its largest glyph that is no white space, in points
  double top = 0;    // of the baseline, perpendicular to it: greater is higher
  double begin = 0;  // along the baseline
  std::uint32_t page = 0;
  bool bold = true;  // all of it
};

class LineCollector {
 public:
  static constexpr std::size_t kLinesMax = 2'000'000;

  explicit LineCollector(std::vector<TextLine>& lines) : lines_(lines) {}
  void begin_page(std::uint32_t page);
  // A glyph from one point of the baseline to another, in the page's space.
  void add(Point from, Point to, double size, std::string_view text, bool bold);
  bool full() const { return lines_.size() >= kLinesMax || bytes_ > DocumentBuilder::kTextMax; }

 private:
  std::vector<TextLine>& lines_;
  std::uint32_t page_ = 0;
  std::size_t bytes_ = 0;
  bool open_ = false;
  Point direction_{1, 0};
  double end_ = 0;  // of the last glyph, along the baseline
};

// Lines → headings, paragraphs and list items with their pages.
void add_lines(DocumentBuilder& out, const std::vector<TextLine>& lines);

}  // namespace weir::app
