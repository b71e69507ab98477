#include "edge/api/multipart.h"

#include "base/text.h"

namespace weir::edge {
namespace {

constexpr std::size_t kBoundarySizeMax = 70;  // RFC 2046 §5.1.1

// A parameter of a field: `filename="a \"b\".txt"`. Names are matched whole, in any case.
std::optional<std::string> parameter(std::string_view field, std::string_view name) {
  std::size_t at = field.find(';');
  while (at < field.size()) {
    const std::size_t name_begin = field.find_first_not_of("; \t", at);
    const std::size_t equals = name_begin == field.npos ? field.npos : field.find_first_of("=;", name_begin);
    if (equals == field.npos) return std::nullopt;
    if (field[equals] == ';') {
      at = equals;
      continue;
    }
    const std::string_view found = trim(field.substr(name_begin, equals - name_begin));
    std::string value;
    at = equals + 1;
    if (at < field.size() && field[at] == '"') {
      for (++at; at < field.size() && field[at] != '"'; ++at) {
        // Only a quote may be escaped: some browsers send Windows paths with bare backslashes.
        if (field[at] == '\\' && at + 1 < field.size() && field[at + 1] == '"') ++at;
        value += field[at];
      }
      if (at == field.size()) return std::nullopt;
      at = field.find(';', at);
    } else {
      const std::size_t end = std::min(field.find(';', at), field.size());
      value = trim(field.substr(at, end - at));
      at = end;
    }
    if (iequals(found, name)) return value;
  }
  return std::nullopt;
}

std::string file_name_of(std::string_view path) {
  const auto slash = path.find_last_of("/\\");
  return std::string(slash == path.npos ? path : path.substr(slash + 1));
}

Result<MultipartPart> parse_head(std::string_view head) {
  MultipartPart part;
  bool named = false;
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head = end == head.npos ? std::string_view() : head.substr(end + 2);
    const auto colon = line.find(':');
    if (colon == line.npos)
      return fail(Code::invalid_request, "a part of the multipart body has a malformed field");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (iequals(name, "content-type")) part.media_type = value;
    if (!iequals(name, "content-disposition")) continue;
    part.name = parameter(value, "name").value_or("");
    part.filename = disposition_filename(value);
    named = iequals(trim(value.substr(0, value.find(';'))), "form-data") && !part.name.empty();
  }
  if (!named) {
    return fail(Code::invalid_request, "a part of the multipart body has no name",
                "give each a Content-Disposition: form-data; name=\"…\"");
  }
  if (!is_valid_utf8(part.name) || !is_valid_utf8(part.filename)) {
    return fail(Code::invalid_request, "a part of the multipart body has a name that is not UTF-8");
  }
  return part;
}

}  // namespace

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  if (!iequals(trim(content_type.substr(0, content_type.find(';'))), "multipart/form-data"))
    return std::nullopt;
  auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kBoundarySizeMax) return std::nullopt;
  return boundary;
}

std::string disposition_filename(std::string_view content_disposition) {
  return file_name_of(parameter(content_disposition, "filename").value_or(""));
}

MultipartParser::MultipartParser(std::string_view boundary, MultipartLimits limits)
    : delimiter_("\r\n--" + std::string(boundary)), limits_(limits) {
  buffer_ = "\r\n";  // the first delimiter may stand at the very beginning
}

Result<> MultipartParser::feed(std::string_view bytes) {
  if (state_ == State::epilogue) return {};
  buffer_ += bytes;
  while (true) {
    auto next = step();
    if (!next) return fail(next);
    if (*next == Step::more) return {};
  }
}

std::optional<MultipartPart> MultipartParser::take() {
  if (ready_.empty()) return std::nullopt;
  MultipartPart part = std::move(ready_.front());
  ready_.pop_front();
  return part;
}

Result<> MultipartParser::finish() const {
  if (state_ == State::epilogue) return {};
  return fail(Code::invalid_request, "the multipart body ends before its closing boundary",
              "check that it was sent whole");
}

Result<MultipartParser::Step> MultipartParser::step() {
  switch (state_) {
    case State::preamble: return skip_preamble();
    case State::after_delimiter: return read_after_delimiter();
    case State::head: return read_head();
    case State::body: return read_body();
    case State::epilogue: buffer_.clear(); return Step::more;
  }
  return Step::more;
}

MultipartParser::Step MultipartParser::skip_preamble() {
  const auto at = buffer_.find(delimiter_);
  if (at == buffer_.npos) {
    if (buffer_.size() >= delimiter_.size()) buffer_.erase(0, buffer_.size() - delimiter_.size() + 1);
    return Step::more;
  }
  buffer_.erase(0, at + delimiter_.size());
  state_ = State::after_delimiter;
  return Step::next;
}

Result<MultipartParser::Step> MultipartParser::read_after_delimiter() {
  if (buffer_.starts_with("--")) {
    state_ = State::epilogue;
    return Step::next;
  }
  const auto line = buffer_.find_first_not_of(" \t");  // transport padding
  if (buffer_ == "-" || line == buffer_.npos || line + 1 == buffer_.size()) {
    if (buffer_.size() > limits_.head_size_max)
      return fail(Code::too_large, "the multipart padding is too long");
    return Step::more;
  }
  if (buffer_.compare(line, 2, "\r\n") != 0) {
    return fail(Code::invalid_request, "the multipart body has a broken boundary line");
  }
  if (++parts_ > limits_.parts_max) {
    return fail(Code::too_large,
                "the multipart body has more than " + std::to_string(limits_.parts_max) + " parts");
  }
  buffer_.erase(0, line);  // the CRLF stays: it makes a part without any fields end like all others
  state_ = State::head;
  return Step::next;
}

Result<MultipartParser::Step> MultipartParser::read_head() {
  const auto end = buffer_.find("\r\n\r\n");
  if (end == buffer_.npos ? buffer_.size() > limits_.head_size_max : end > limits_.head_size_max) {
    return fail(Code::too_large, "a part of the multipart body has too long a head");
  }
  if (end == buffer_.npos) return Step::more;
  auto part = parse_head(end == 0 ? std::string_view() : std::string_view(buffer_).substr(2, end - 2));
  if (!part) return fail(part);
  part_ = *std::move(part);
  buffer_.erase(0, end + 2);  // a CRLF stays: an empty body's delimiter begins with it
  searched_ = 0;
  state_ = State::body;
  return Step::next;
}

Result<MultipartParser::Step> MultipartParser::read_body() {
  const auto at = buffer_.find(delimiter_, searched_);
  // buffer_ begins with the CRLF that ended the head.
  const std::size_t size = (at == buffer_.npos ? buffer_.size() : std::max<std::size_t>(at, 2)) -
                           std::min<std::size_t>(buffer_.size(), 2);
  if (at == buffer_.npos) {
    // What stands at the end may be the beginning of a delimiter.
    searched_ = buffer_.size() < delimiter_.size() ? 0 : buffer_.size() - delimiter_.size() + 1;
    if (size > limits_.part_size_max + delimiter_.size()) {
      return fail(Code::too_large, "a part of the multipart body is larger than " +
                                       std::to_string(limits_.part_size_max) + " bytes");
    }
    return Step::more;
  }
  if (size > limits_.part_size_max) {
    return fail(Code::too_large, "a part of the multipart body is larger than " +
                                     std::to_string(limits_.part_size_max) + " bytes");
  }
  // The rest moves, not the body, which may be large.
  std::string rest = buffer_.substr(at + delimiter_.size());
  buffer_.resize(at);
  buffer_.erase(0, 2);
  part_.body = std::move(buffer_);
  ready_.push_back(std::move(part_));
  part_ = {};
  buffer_ = std::move(rest);
  state_ = State::after_delimiter;
  return Step::next;
}

}  // namespace weir::edge
