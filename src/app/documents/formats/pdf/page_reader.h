// app/documents/formats/pdf/page_reader.h: runs the program of a page (ISO 32000-1 §8 and §9) as far as it
// shows text.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/documents/formats/pdf/font.h"
#include "app/documents/formats/pdf/page_text.h"
#include "app/documents/formats/pdf/qpdf.h"

namespace weir::app {

// Fonts are read once for a document.
using PdfFonts = std::map<QPDFObjGen, std::shared_ptr<const PdfFont>>;

class PdfPageReader : public QPDFObjectHandle::ParserCallbacks {
 public:
  PdfPageReader(LineCollector& lines, PdfFonts& fonts) : lines_(lines), fonts_(fonts) {}
  void read(QPDFPageObjectHelper page);

 private:
  void handleObject(QPDFObjectHandle object) override;
  void handleEOF() override {}

  struct TextState {
    std::shared_ptr<const PdfFont> font;
    double size = 0, character_space = 0, word_space = 0, scale = 1, leading = 0, rise = 0;
  };
  struct State {
    Matrix page;
    TextState text;
  };

  void run(const std::string& name);
  bool run_text_operator(const std::string& name);
  void show(QPDFObjectHandle string);
  void show_array(QPDFObjectHandle array);
  void next_line(double x, double y);
  void draw_form(const std::string& name);
  std::shared_ptr<const PdfFont> font(const std::string& name);
  double operand(std::size_t index) const;
  Matrix matrix_operand() const;

  LineCollector& lines_;
  PdfFonts& fonts_;
  QPDFObjectHandle resources_;
  std::vector<QPDFObjectHandle> operands_;
  std::vector<State> saved_;
  State state_;
  Matrix text_matrix_, line_matrix_;
  std::set<QPDFObjGen> open_forms_;  // a form may draw others, never itself
  std::size_t operators_left_ = 0;
};

}  // namespace weir::app
