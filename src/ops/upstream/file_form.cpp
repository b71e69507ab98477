#include "ops/upstream/file_form.h"

#include "base/text.h"

namespace weir::ops::upstream {
namespace {

// `name="value"` of a Content-Disposition; empty: none.
std::string parameter(std::string_view line, std::string_view name) {
  const std::string wanted = std::string(name) + "=\"";
  for (std::size_t at = line.find(wanted); at != line.npos; at = line.find(wanted, at + 1)) {
    if (at == 0 || (line[at - 1] != ' ' && line[at - 1] != ';')) continue;
    const std::string_view rest = line.substr(at + wanted.size());
    return std::string(rest.substr(0, rest.find('"')));
  }
  return {};
}

}  // namespace

std::string form_boundary(std::string_view content_type) {
  constexpr std::string_view kName = "boundary=";
  const std::size_t at = content_type.find(kName);
  if (!content_type.starts_with("multipart/form-data") || at == content_type.npos) return {};
  std::string_view boundary = content_type.substr(at + kName.size());
  boundary = trim(boundary.substr(0, boundary.find(';')));
  if (boundary.size() > 2 && boundary.front() == '"') boundary = boundary.substr(1, boundary.size() - 2);
  return std::string(boundary);
}

FileForm::FileForm(std::string_view boundary, std::function<Result<>(std::string_view)> on_bytes)
    : delimiter_("\r\n--" + std::string(boundary)), on_bytes_(std::move(on_bytes)) {}

Result<> FileForm::feed(std::string_view bytes) {
  buffer_ += bytes;
  while (true) {
    auto stepped = step();
    if (!stepped) return fail(stepped);
    if (!*stepped) return {};
  }
}

Result<bool> FileForm::step() {
  switch (state_) {
    case State::preamble:
    case State::body: {
      const std::size_t at = buffer_.find(delimiter_);
      // What may be the beginning of a delimiter waits for the rest of it.
      const std::size_t kept = std::min(buffer_.size(), delimiter_.size() - 1);
      const std::size_t size = at == buffer_.npos ? buffer_.size() - kept : at;
      if (state_ == State::body) {
        auto taken = take_body(std::string_view(buffer_).substr(0, size));
        if (!taken) return fail(taken);
      }
      if (at == buffer_.npos) {
        buffer_.erase(0, size);
        return false;
      }
      buffer_.erase(0, at + delimiter_.size());
      state_ = State::boundary_end;
      return true;
    }
    case State::boundary_end: {
      if (buffer_.size() < 2) return false;
      const bool last = buffer_.starts_with("--");
      if (!last && !buffer_.starts_with("\r\n")) return fail(Code::invalid_request, "the form is broken");
      if (!last) buffer_.erase(0, 2);
      state_ = last ? State::ended : State::head;
      return true;
    }
    case State::head: {
      const std::size_t end = buffer_.find("\r\n\r\n");
      if (end == buffer_.npos && buffer_.size() <= kHeadMax) return false;
      if (end == buffer_.npos) return fail(Code::invalid_request, "a part's fields are too long");
      read_head(std::string_view(buffer_).substr(0, end));
      buffer_.erase(0, end + 4);
      state_ = State::body;
      return true;
    }
    case State::ended: buffer_.clear(); return false;
  }
  return false;
}

Result<> FileForm::take_body(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (name_ == "file") return on_bytes_(bytes);
  if (name_ == "expires_in_seconds" && expires_in_seconds_.size() < kHeadMax) expires_in_seconds_ += bytes;
  return {};
}

void FileForm::read_head(std::string_view head) {
  name_.clear();
  std::string filename;
  std::string media_type = "application/octet-stream";
  for (std::string_view line : split(head, '\n')) {
    line = trim(line);
    const std::string_view field = line.substr(0, line.find(':'));
    const std::string_view value = trim(line.substr(std::min(line.size(), field.size() + 1)));
    if (iequals(field, "content-type")) media_type = value;
    if (!iequals(field, "content-disposition")) continue;
    name_ = parameter(value, "name");
    filename = parameter(value, "filename");
  }
  if (name_ != "file") return;
  has_file_ = true;
  filename_ = filename.empty() ? "file" : std::move(filename);
  media_type_ = std::move(media_type);
}

}  // namespace weir::ops::upstream
