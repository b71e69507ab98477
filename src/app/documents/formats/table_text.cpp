#include "app/documents/formats/table_text.h"

#include <array>
#include <optional>
#include <set>

#include "app/documents/formats/document_builder.h"
#include "base/json.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::size_t kSniffedRows = 20;
constexpr std::size_t kSniffedBytes = 64 * 1024;
constexpr std::size_t kColumnsMax = 1'000;  // of a table that JSON's members make
constexpr std::size_t kFieldMax = std::size_t{1} << 20;

// One row after the other; a quoted field may hold separators and ends of lines.
class CsvRows {
 public:
  CsvRows(std::string_view text, char separator) : text_(text), separator_(separator) {}

  // False when there are no more.
  bool next(std::vector<std::string>& row) {
    row.clear();
    if (at_ >= text_.size()) return false;
    while (true) {
      row.push_back(field());
      if (at_ >= text_.size()) return true;
      const char c = text_[at_++];
      if (c == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
      if (c != separator_) return true;
      if (at_ >= text_.size()) {
        row.emplace_back();
        return true;
      }
    }
  }

 private:
  std::string field() {
    if (text_[at_] == '"') {
      if (auto quoted = quoted_field()) return *std::move(quoted);
    }
    const std::array<char, 3> ends = {separator_, '\n', '\r'};
    const std::size_t end =
        std::min(text_.find_first_of(std::string_view(ends.data(), ends.size()), at_), text_.size());
    std::string out(text_.substr(at_, end - at_));
    at_ = end;
    return out;
  }

  // nullopt: no closing quote where one could stand, so that the quote is a character of the text.
  std::optional<std::string> quoted_field() {
    std::string out;
    for (std::size_t at = at_ + 1; at < text_.size() && out.size() <= kFieldMax; ++at) {
      if (text_[at] != '"') {
        out += text_[at];
      } else if (at + 1 < text_.size() && text_[at + 1] == '"') {
        out += '"';
        ++at;
      } else {
        const std::size_t next = at + 1;
        const bool ends =
            next >= text_.size() || text_[next] == separator_ || text_[next] == '\n' || text_[next] == '\r';
        if (!ends) return std::nullopt;
        at_ = next;
        return out;
      }
    }
    return std::nullopt;
  }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
};

// How well a separator divides: columns when the rows agree on them, less when they do not.
double evenness(std::string_view text, char separator) {
  CsvRows rows(text, separator);
  std::vector<std::string> row;
  std::size_t first = 0, alike = 0, seen = 0;
  while (seen < kSniffedRows && rows.next(row)) {
    if (row.size() == 1 && trim(row[0]).empty()) continue;
    if (seen++ == 0) first = row.size();
    alike += row.size() == first ? 1 : 0;
  }
  if (seen == 0 || first < 2) return 0;
  const double share = static_cast<double>(alike) / static_cast<double>(seen);
  return share * share * share * (1 + static_cast<double>(std::min<std::size_t>(first, 50)) / 50);
}

char separator_of(std::string_view text) {
  const std::string_view start = text.substr(0, kSniffedBytes);
  char best = ',';
  double most = 0;
  for (const char separator : {',', ';', '\t', '|'}) {
    const double value = evenness(start, separator);
    if (value > most) {
      most = value;
      best = separator;
    }
  }
  return best;
}

bool is_number(std::string_view text) {
  text = trim(text);
  return !text.empty() && text.find_first_not_of("0123456789.,-+%eE") == std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

std::string scalar(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : value.is_null() ? "" : to_json(value);
}

// Writes "path: value" lines; every member of the outermost object has its own paragraph.
class JsonLines {
 public:
  explicit JsonLines(DocumentBuilder& out) : out_(out) {}

  void write(const json::value& value, const std::string& path) {
    if (out_.full() || lines_.size() > DocumentBuilder::kTextMax) return;
    if (const auto* object = value.if_object()) {
      for (const auto& [name, member] : *object) {
        write(member, path.empty() ? std::string(name) : path + "." + std::string(name));
      }
    } else if (const auto* array = value.if_array()) {
      std::size_t index = 0;
      for (const json::value& element : *array) write(element, path + "[" + std::to_string(index++) + "]");
    } else {
      lines_ += path.empty() ? scalar(value) : path + ": " + scalar(value);
      lines_ += '\n';
      if (lines_.size() > kParagraph) flush();
    }
  }
  void flush() {
    out_.add(BlockKind::paragraph, lines_);
    lines_.clear();
  }

 private:
  static constexpr std::size_t kParagraph = 600;
  DocumentBuilder& out_;
  std::string lines_;
};

bool is_flat(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr || object->empty()) return false;
  for (const auto& [name, member] : *object) {
    if (member.is_object() || member.is_array()) return false;
  }
  return true;
}

// The names of all members in the order in which they first appear; nullopt: this is no table.
std::optional<std::vector<std::string>> columns_of(const std::vector<const json::value*>& rows) {
  std::vector<std::string> columns;
  std::set<std::string, std::less<>> known;
  for (const json::value* row : rows) {
    if (!is_flat(*row)) return std::nullopt;
    for (const auto& [name, member] : row->get_object()) {
      if (known.emplace(name).second) columns.emplace_back(name);
    }
    if (columns.size() > kColumnsMax) return std::nullopt;
  }
  // A table of columns that hardly any row has says less than the rows themselves.
  std::size_t members = 0;
  for (const json::value* row : rows) members += row->get_object().size();
  if (rows.size() < 2 || members * 2 < columns.size() * rows.size()) return std::nullopt;
  return columns;
}

void write_values(DocumentBuilder& out, const std::vector<const json::value*>& values) {
  if (const auto columns = columns_of(values)) {
    out.add_row(*columns, true);
    for (const json::value* value : values) {
      std::vector<std::string> cells;
      for (const std::string& column : *columns) {
        const json::value* member = value->get_object().if_contains(column);
        cells.push_back(member == nullptr ? "" : scalar(*member));
      }
      out.add_row(cells);
      if (out.full()) return;
    }
    return;
  }
  JsonLines lines(out);
  for (const json::value* value : values) {
    lines.write(*value, "");
    lines.flush();
  }
}

}  // namespace

Result<ParsedDocument> parse_csv(std::string_view text) {
  DocumentBuilder out;
  CsvRows rows(text, separator_of(text));
  std::vector<std::string> row;
  bool first = true;
  while (!out.full() && rows.next(row)) {
    const bool is_header = first && std::ranges::none_of(row, is_number);
    if (std::ranges::any_of(row, [](const std::string& cell) { return !trim(cell).empty(); })) first = false;
    out.add_row(row, is_header);
  }
  return out.take();
}

Result<ParsedDocument> parse_json_document(std::string_view text) {
  auto value = parse_json(text);
  if (!value) return fail(value);
  DocumentBuilder out;
  if (const auto* array = value->if_array()) {
    std::vector<const json::value*> values;
    for (const json::value& element : *array) values.push_back(&element);
    write_values(out, values);
  } else if (const auto* object = value->if_object()) {
    for (const auto& [name, member] : *object) {
      const bool nests = member.is_object() || member.is_array();
      if (nests) out.add(BlockKind::heading, name, 1);
      std::vector<const json::value*> values{&member};
      if (member.is_array()) {
        values.clear();
        for (const json::value& element : member.get_array()) values.push_back(&element);
      }
      if (nests) {
        write_values(out, values);
      } else {
        JsonLines lines(out);
        lines.write(member, std::string(name));
        lines.flush();
      }
    }
  } else {
    out.add(BlockKind::paragraph, scalar(*value));
  }
  auto document = out.take();
  if (document) document->title.clear();  // a member's name is no title
  return document;
}

Result<ParsedDocument> parse_json_lines(std::string_view text) {
  std::vector<json::value> values;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    auto value = parse_json(line);
    if (!value) {
      return fail(Code::invalid_request, "line " + std::to_string(number) + ": " + value.error().message,
                  "send one JSON value on each line");
    }
    values.push_back(*std::move(value));
  }
  std::vector<const json::value*> pointers;
  for (const json::value& value : values) pointers.push_back(&value);
  DocumentBuilder out;
  write_values(out, pointers);
  return out.take();
}

}  // namespace weir::app
