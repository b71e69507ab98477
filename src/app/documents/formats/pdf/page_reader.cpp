#include "app/documents/formats/pdf/page_reader.h"

#include <cmath>

namespace weir::app {
namespace {

constexpr std::size_t kOperandsMax = 10'000;
constexpr std::size_t kSavedMax = 256;
constexpr std::size_t kFormDepthMax = 12;
constexpr std::size_t kOperatorsMax = 2'000'000;  // of a page with all its forms
constexpr double kNumberMax = 1e9;

double number_of(QPDFObjectHandle object) {
  const double value = object.isNumber() ? object.getNumericValue() : 0;
  return std::isfinite(value) ? std::clamp(value, -kNumberMax, kNumberMax) : 0;
}

}  // namespace

void PdfPageReader::read(QPDFPageObjectHelper page) {
  state_ = {};
  saved_.clear();
  operands_.clear();
  open_forms_.clear();
  operators_left_ = kOperatorsMax;
  resources_ = page.getAttribute("/Resources", false);
  page.parseContents(this);
}

void PdfPageReader::handleObject(QPDFObjectHandle object) {
  if (!object.isOperator()) {
    if (operands_.size() < kOperandsMax) operands_.push_back(object);
    return;
  }
  if (operators_left_ == 0 || lines_.full()) {
    terminateParsing();
    return;
  }
  --operators_left_;
  const std::string name = object.getOperatorValue();
  run(name);
  operands_.clear();
}

double PdfPageReader::operand(std::size_t index) const {
  return index < operands_.size() ? number_of(operands_[index]) : 0;
}

Matrix PdfPageReader::matrix_operand() const {
  return {operand(0), operand(1), operand(2), operand(3), operand(4), operand(5)};
}

void PdfPageReader::run(const std::string& name) {
  if (name == "q") {
    if (saved_.size() < kSavedMax) saved_.push_back(state_);
  } else if (name == "Q") {
    if (saved_.empty()) return;
    state_ = std::move(saved_.back());
    saved_.pop_back();
  } else if (name == "cm") {
    state_.page = multiply(matrix_operand(), state_.page);
  } else if (name == "Do") {
    if (!operands_.empty() && operands_[0].isName()) draw_form(operands_[0].getName());
  } else if (name == "BT") {
    text_matrix_ = line_matrix_ = {};
  } else {
    run_text_operator(name);
  }
}

bool PdfPageReader::run_text_operator(const std::string& name) {
  TextState& text = state_.text;
  if (name == "Tf") {
    if (operands_.size() < 2 || !operands_[0].isName()) return false;
    text.font = font(operands_[0].getName());
    text.size = operand(1);
  } else if (name == "Tc") {
    text.character_space = operand(0);
  } else if (name == "Tw") {
    text.word_space = operand(0);
  } else if (name == "Tz") {
    text.scale = operand(0) / 100;
  } else if (name == "TL") {
    text.leading = operand(0);
  } else if (name == "Ts") {
    text.rise = operand(0);
  } else if (name == "Td") {
    next_line(operand(0), operand(1));
  } else if (name == "TD") {
    text.leading = -operand(1);
    next_line(operand(0), operand(1));
  } else if (name == "Tm") {
    text_matrix_ = line_matrix_ = matrix_operand();
  } else if (name == "T*") {
    next_line(0, -text.leading);
  } else if (name == "Tj") {
    if (!operands_.empty()) show(operands_[0]);
  } else if (name == "'") {
    next_line(0, -text.leading);
    if (!operands_.empty()) show(operands_[0]);
  } else if (name == "\"") {
    text.word_space = operand(0);
    text.character_space = operand(1);
    next_line(0, -text.leading);
    if (operands_.size() > 2) show(operands_[2]);
  } else if (name == "TJ") {
    if (!operands_.empty()) show_array(operands_[0]);
  } else {
    return false;
  }
  return true;
}

void PdfPageReader::next_line(double x, double y) {
  line_matrix_ = multiply({1, 0, 0, 1, x, y}, line_matrix_);
  text_matrix_ = line_matrix_;
}

void PdfPageReader::show(QPDFObjectHandle string) {
  if (!string.isString() || !state_.text.font) return;
  const TextState& text = state_.text;
  const std::string bytes = string.getStringValue();
  text.font->decode(bytes, [&](const PdfFont::Glyph& glyph) {
    const Matrix at = multiply(text_matrix_, state_.page);
    const double width = glyph.width * text.size * text.scale;
    const Point from = at.apply({0, text.rise}), to = at.apply({width, text.rise});
    const double size = std::abs(text.size) * std::hypot(at.c, at.d);
    lines_.add(from, to, size, glyph.text, text.font->is_bold());
    const double space = text.character_space + (glyph.is_word_space ? text.word_space : 0);
    text_matrix_ = multiply({1, 0, 0, 1, width + space * text.scale, 0}, text_matrix_);
  });
}

void PdfPageReader::show_array(QPDFObjectHandle array) {
  if (!array.isArray()) return;
  for (QPDFObjectHandle item : array.aitems()) {
    if (item.isString()) {
      show(item);
    } else {
      const double step = -number_of(item) / 1000 * state_.text.size * state_.text.scale;
      text_matrix_ = multiply({1, 0, 0, 1, step, 0}, text_matrix_);
    }
  }
}

void PdfPageReader::draw_form(const std::string& name) {
  if (!resources_.isDictionary() || !resources_.getKey("/XObject").isDictionary()) return;
  QPDFObjectHandle form = resources_.getKey("/XObject").getKey(name);
  if (!form.isStream()) return;
  QPDFObjectHandle dictionary = form.getDict();
  if (!dictionary.getKey("/Subtype").isNameAndEquals("/Form")) return;
  const QPDFObjGen id = form.getObjGen();
  if (open_forms_.size() >= kFormDepthMax || !open_forms_.insert(id).second) return;

  const State before = state_;
  const auto saved_before = std::exchange(saved_, {});
  const Matrix text_before = text_matrix_, line_before = line_matrix_;
  QPDFObjectHandle resources_before = resources_;
  QPDFObjectHandle matrix = dictionary.getKey("/Matrix");
  if (matrix.isMatrix()) {
    const auto m = matrix.getArrayAsMatrix();
    state_.page = multiply({m.a, m.b, m.c, m.d, m.e, m.f}, state_.page);
  }
  if (dictionary.getKey("/Resources").isDictionary()) resources_ = dictionary.getKey("/Resources");
  operands_.clear();
  form.parseAsContents(this);
  resources_ = resources_before;
  text_matrix_ = text_before;
  line_matrix_ = line_before;
  saved_ = saved_before;
  state_ = before;
  open_forms_.erase(id);
}

std::shared_ptr<const PdfFont> PdfPageReader::font(const std::string& name) {
  if (!resources_.isDictionary() || !resources_.getKey("/Font").isDictionary()) return nullptr;
  QPDFObjectHandle dictionary = resources_.getKey("/Font").getKey(name);
  if (!dictionary.isDictionary()) return nullptr;
  if (!dictionary.isIndirect()) return std::make_shared<const PdfFont>(dictionary);
  auto& known = fonts_[dictionary.getObjGen()];
  if (!known) known = std::make_shared<const PdfFont>(dictionary);
  return known;
}

}  // namespace weir::app
