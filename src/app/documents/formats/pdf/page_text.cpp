#include "app/documents/formats/pdf/page_text.h"

#include <cmath>
#include <map>
#include <set>

#include "base/text.h"

namespace weir::app {
namespace {

// As parts of the glyphs' size.
constexpr double kSpaceGap = 0.17;      // a gap that is a space
constexpr double kColumnGap = 1.8;      // one that divides two columns of a table
constexpr double kBackwards = 0.6;      // a step back that is no kerning
constexpr double kRaised = 0.5;         // a baseline of its own, no superscript
constexpr double kLineDistance = 1.75;  // to the next line of one paragraph
constexpr double kHeadingSize = 1.12;   // of the size that most of the text has
constexpr std::size_t kHeadingCharsMax = 200;
constexpr std::size_t kBoldHeadingCharsMax = 90;
constexpr double kSameDirection = 0.99;

long half_points(double size) {
  return std::lround(std::clamp(size, 0.0, 10'000.0) * 2);
}

bool is_bulleted(std::string_view line) {
  for (const std::string_view bullet : {"•", "◦", "▪", "‣", "–", "- ", "* ", "●", "■", "○"}) {
    if (line.starts_with(bullet)) return true;
  }
  const auto digits = line.find_first_not_of("0123456789");
  return digits != std::string_view::npos && digits > 0 && digits <= 2 && digits + 1 < line.size() &&
         (line[digits] == '.' || line[digits] == ')') && line[digits + 1] == ' ';
}

bool is_small_letter(std::string_view text) {
  return !text.empty() && text[0] >= 'a' && text[0] <= 'z';
}

// A word that a hyphen divides at the end of a line is one word.
void join_line(std::string& paragraph, std::string_view line) {
  if (paragraph.ends_with("\xC2\xAD")) {  // soft hyphen
    paragraph.resize(paragraph.size() - 2);
  } else if (paragraph.size() > 1 && paragraph.ends_with('-') && is_small_letter(line) &&
             std::isalpha(static_cast<unsigned char>(paragraph[paragraph.size() - 2])) != 0) {
    paragraph.pop_back();
  } else if (!paragraph.empty()) {
    paragraph += ' ';
  }
  paragraph += line;
}

class Paragraphs {
 public:
  Paragraphs(DocumentBuilder& out, const std::vector<TextLine>& lines) : out_(out), lines_(lines) {
    std::map<long, std::size_t> chars;
    for (const TextLine& line : lines) chars[half_points(line.size)] += line.text.size();
    for (const auto& [size, count] : chars) {
      if (count > chars[half_points(body_size_)] || body_size_ == 0)
        body_size_ = static_cast<double>(size) / 2;
    }
    std::set<long, std::greater<>> larger;
    for (const TextLine& line : lines) {
      if (line.size >= body_size_ * kHeadingSize && line.text.size() <= kHeadingCharsMax)
        larger.insert(half_points(line.size));
    }
    int level = 1;
    for (const long size : larger) {
      levels_[size] = std::min(level, 6);
      ++level;
    }
    bold_level_ = std::min(level, 6);
  }

  void write() {
    const TextLine* before = nullptr;
    for (const TextLine& line : lines_) {
      const std::string_view text = trim(line.text);
      if (text.empty()) continue;
      const int level = level_of(line, text);
      if (before == nullptr || !continues(*before, line, text, level)) {
        flush();
        level_ = level;
        page_ = line.page;
        listed_ = is_bulleted(text);
      }
      join_line(paragraph_, text);
      before = &line;
    }
    flush();
  }

 private:
  int level_of(const TextLine& line, std::string_view text) const {
    if (text.size() > kHeadingCharsMax) return 0;
    // A page number alone is no heading, whatever its size.
    if (text.find_first_not_of("0123456789 .-–/") == std::string_view::npos) return 0;
    if (line.size >= body_size_ * kHeadingSize) {
      const auto known = levels_.find(half_points(line.size));
      return known == levels_.end() ? 0 : known->second;
    }
    const bool sentence =
        text.ends_with('.') || text.ends_with(',') || text.ends_with(':') || text.ends_with(';');
    const bool stands_out =
        line.bold && text.size() <= kBoldHeadingCharsMax && !sentence && !is_bulleted(text);
    return stands_out && line.size >= body_size_ * 0.95 && some_text_is_not_bold() ? bold_level_ : 0;
  }

  bool some_text_is_not_bold() const {
    if (!mixed_) mixed_ = std::ranges::any_of(lines_, [](const TextLine& line) { return !line.bold; });
    return *mixed_;
  }

  bool continues(const TextLine& before, const TextLine& line, std::string_view text, int level) const {
    if (line.page != before.page || level != level_ || is_bulleted(text)) return false;
    if (std::abs(half_points(line.size) - half_points(before.size)) > 1) return false;
    const double down = before.top - line.top;
    return down > -kRaised * line.size && down <= kLineDistance * std::max(line.size, before.size);
  }

  void flush() {
    out_.enter_page(page_);
    const BlockKind kind = level_ > 0 ? BlockKind::heading
                           : listed_  ? BlockKind::list_item
                                      : BlockKind::paragraph;
    out_.add(kind, paragraph_, level_);
    paragraph_.clear();
  }

  DocumentBuilder& out_;
  const std::vector<TextLine>& lines_;
  std::map<long, int> levels_;  // of headings, by their size in half points
  double body_size_ = 0;
  int bold_level_ = 1;
  mutable std::optional<bool> mixed_;
  std::string paragraph_;
  int level_ = 0;
  std::uint32_t page_ = 0;
  bool listed_ = false;
};

}  // namespace

Matrix multiply(const Matrix& first, const Matrix& then) {
  return {first.a * then.a + first.b * then.c,          first.a * then.b + first.b * then.d,
          first.c * then.a + first.d * then.c,          first.c * then.b + first.d * then.d,
          first.e * then.a + first.f * then.c + then.e, first.e * then.b + first.f * then.d + then.f};
}

void LineCollector::begin_page(std::uint32_t page) {
  page_ = page;
  open_ = false;
}

void LineCollector::add(Point from, Point to, double size, std::string_view text, bool bold) {
  if (full() || !(size > 0) || !std::isfinite(from.x + from.y + to.x + to.y + size)) return;
  const double length = std::hypot(to.x - from.x, to.y - from.y);
  const Point direction = length > 0 ? Point{(to.x - from.x) / length, (to.y - from.y) / length} : direction_;
  const bool turned = direction.x * direction_.x + direction.y * direction_.y < kSameDirection;
  if (turned) direction_ = direction;
  const double along = from.x * direction_.x + from.y * direction_.y;
  const double top = from.y * direction_.x - from.x * direction_.y;
  const bool blank = trim(text).empty();
  if (open_) {
    const TextLine& line = lines_.back();
    const double gap = along - end_;
    const double reach = std::max(size, line.size);
    if (turned || std::abs(top - line.top) > kRaised * reach || gap < -kBackwards * reach) open_ = false;
    if (open_ && gap > kSpaceGap * size && !line.text.ends_with(' ') && !blank) {
      lines_.back().text += gap > kColumnGap * size ? "  " : " ";
    }
  }
  if (!open_) {
    if (blank) return;
    lines_.push_back({.top = top, .begin = along, .page = page_});
    open_ = true;
  }
  TextLine& line = lines_.back();
  line.text += text;
  bytes_ += text.size();
  if (!blank) {
    line.size = std::max(line.size, size);
    line.bold = line.bold && bold;
  }
  end_ = along + length;
}

void add_lines(DocumentBuilder& out, const std::vector<TextLine>& lines) {
  Paragraphs(out, lines).write();
}

}  // namespace weir::app
