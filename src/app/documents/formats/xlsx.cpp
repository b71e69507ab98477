// Excel: xl/workbook.xml names the sheets; texts stand in xl/sharedStrings.xml, formats in xl/styles.xml.
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <set>

#include "app/documents/formats/document_builder.h"
#include "app/documents/formats/office.h"
#include "app/documents/formats/xml.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::size_t kColumnsMax = 16'384;  // of a sheet, as Excel has them
constexpr double kSerialMax = 2'958'466;     // the day after 9999-12-31

class Workbook : public XmlHandler {
 public:
  struct Sheet {
    std::string name, id;
  };
  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "sheet" && !attributes.get("state").contains("idden")) {  // hidden, veryHidden
      sheets.push_back({std::string(attributes.get("name")), std::string(attributes.get_prefixed("r:id"))});
    } else if (name == "workbookPr") {
      since_1904 = attributes.get("date1904") == "1" || attributes.get("date1904") == "true";
    }
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}

  std::vector<Sheet> sheets;
  bool since_1904 = false;
};

class SharedStrings : public XmlHandler {
 public:
  void start(std::string_view name, const XmlAttributes&) override {
    if (name == "si") texts.emplace_back();
    if (name == "rPh") phonetic_ = true;  // how to pronounce the text beside it
    in_text_ = name == "t" && !phonetic_;
  }
  void end(std::string_view name) override {
    if (name == "t") in_text_ = false;
    if (name == "rPh") phonetic_ = false;
  }
  void text(std::string_view piece) override {
    if (!in_text_ || texts.empty()) return;
    size_ += piece.size();
    texts.back() += piece;
  }
  bool enough() const override { return size_ > DocumentBuilder::kTextMax; }

  std::vector<std::string> texts;

 private:
  std::size_t size_ = 0;
  bool in_text_ = false, phonetic_ = false;
};

// Which cell styles show a number as a date.
class CellStyles : public XmlHandler {
 public:
  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "numFmt") {
      if (shows_a_date(attributes.get("formatCode"))) date_formats_.emplace(attributes.get("numFmtId"));
    } else if (name == "cellXfs") {
      in_cells_ = true;
    } else if (name == "xf" && in_cells_) {
      const std::string_view format = attributes.get("numFmtId");
      is_date.push_back(date_formats_.contains(std::string(format)));
    }
  }
  void end(std::string_view name) override {
    if (name == "cellXfs") in_cells_ = false;
  }
  void text(std::string_view) override {}

  std::vector<bool> is_date;

 private:
  // Letters of dates outside of quotes and brackets (ISO/IEC 29500-1 §18.8.31).
  static bool shows_a_date(std::string_view code) {
    bool quoted = false, bracketed = false;
    for (const char c : to_lower(code)) {
      if (c == '"') quoted = !quoted;
      if (c == '[') bracketed = true;
      if (c == ']') bracketed = false;
      if (!quoted && !bracketed && (c == 'y' || c == 'd' || c == 'h')) return true;
    }
    return false;
  }

  // The built-in ones: §18.8.30.
  std::set<std::string> date_formats_ = {"14", "15", "16", "17", "18", "19",
                                         "20", "21", "22", "45", "46", "47"};
  bool in_cells_ = false;
};

std::string date_of(double serial, bool since_1904) {
  using namespace std::chrono;
  const double days_since_1970 = serial - (since_1904 ? 24'107 : 25'569);
  const auto whole = static_cast<std::int64_t>(std::floor(days_since_1970));
  const auto second =
      static_cast<std::int64_t>(std::llround((days_since_1970 - static_cast<double>(whole)) * 86'400));
  const year_month_day day{sys_days(days(whole))};
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  std::string text = out.data();
  if (second > 0) {
    std::snprintf(out.data(), out.size(), " %02d:%02d", static_cast<int>(second / 3600),
                  static_cast<int>(second / 60 % 60));
    text += out.data();
  }
  return text;
}

// "BC12" → 54.
std::size_t column_of(std::string_view reference) {
  std::size_t column = 0;
  for (const char c : reference) {
    if (c < 'A' || c > 'Z' || column > kColumnsMax) break;
    column = column * 26 + static_cast<std::size_t>(c - 'A') + 1;
  }
  return column;
}

class SheetCells : public XmlHandler {
 public:
  SheetCells(DocumentBuilder& out, const SharedStrings& strings, const CellStyles& styles, bool since_1904)
      : out_(out), strings_(strings), styles_(styles), since_1904_(since_1904) {}

  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "row") {
      row_.clear();
    } else if (name == "c") {
      column_ = column_of(attributes.get("r"));
      if (column_ == 0) column_ = row_.size() + 1;
      type_ = attributes.get("t");
      style_ = attributes.get("s");
      value_.clear();
    } else if (name == "v" || name == "t") {
      in_value_ = true;
    }
  }

  void end(std::string_view name) override {
    if (name == "v" || name == "t") {
      in_value_ = false;
    } else if (name == "c") {
      if (value_.empty() || column_ > kColumnsMax) return;
      if (row_.size() < column_) row_.resize(column_);
      row_[column_ - 1] = shown();
    } else if (name == "row") {
      out_.add_row(row_, true);  // the first one that is not blank becomes the header
    }
  }

  void text(std::string_view piece) override {
    if (in_value_) value_ += piece;
  }
  bool enough() const override { return out_.full() || value_.size() > DocumentBuilder::kTextMax; }

 private:
  std::string shown() const {
    if (type_ == "s") {
      std::size_t index = strings_.texts.size();
      std::from_chars(value_.data(), value_.data() + value_.size(), index);
      return index < strings_.texts.size() ? strings_.texts[index] : "";
    }
    if (type_ == "b") return value_ == "1" ? "TRUE" : "FALSE";
    std::size_t style = styles_.is_date.size();
    std::from_chars(style_.data(), style_.data() + style_.size(), style);
    if ((type_.empty() || type_ == "n") && style < styles_.is_date.size() && styles_.is_date[style]) {
      double serial = -1;
      std::from_chars(value_.data(), value_.data() + value_.size(), serial);
      if (serial >= 0 && serial < kSerialMax) return date_of(serial, since_1904_);
    }
    return value_;
  }

  DocumentBuilder& out_;
  const SharedStrings& strings_;
  const CellStyles& styles_;
  const bool since_1904_;
  std::vector<std::string> row_;
  std::string value_, type_, style_;
  std::size_t column_ = 0;
  bool in_value_ = false;
};

}  // namespace

Result<ParsedDocument> parse_xlsx(std::string_view bytes) {
  auto archive = ZipArchive::open(bytes);
  if (!archive) return fail(archive);
  const std::string workbook_path = "xl/workbook.xml";
  if (!archive->has(workbook_path)) {
    return fail(Code::invalid_request, "it is not an Excel workbook, though it is named so",
                "check the file");
  }
  Workbook workbook;
  auto read = parse_xml_member(*archive, workbook_path, workbook);
  if (!read) return fail(read);
  SharedStrings strings;
  CellStyles styles;
  if (archive->has("xl/sharedStrings.xml"))
    read = parse_xml_member(*archive, "xl/sharedStrings.xml", strings);
  if (read && archive->has("xl/styles.xml")) read = parse_xml_member(*archive, "xl/styles.xml", styles);
  if (!read) return fail(read);
  auto parts = read_relationships(*archive, workbook_path);
  if (!parts) return fail(parts);
  DocumentBuilder out;
  for (const Workbook::Sheet& sheet : workbook.sheets) {
    const std::string path = (*parts)[sheet.id];
    if (!archive->has(path)) continue;
    out.add(BlockKind::heading, sheet.name, 1);
    SheetCells cells(out, strings, styles, workbook.since_1904);
    read = parse_xml_member(*archive, path, cells);
    if (!read) return fail(read);
    if (out.full()) break;
  }
  return out.take(title_property(*archive));
}

}  // namespace weir::app
