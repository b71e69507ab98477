// ops/upstream/file_form.h: the form of POST /v1/files (RFC 7578), read as it arrives: the file's bytes go
// on at once, so that a form of any size needs little memory.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::ops::upstream {

class FileForm {
 public:
  static constexpr std::size_t kHeadMax = 16 * 1024;  // of the fields of one part, and of a small part

  // `on_bytes` gets the file's content, in pieces.
  FileForm(std::string_view boundary, std::function<Result<>(std::string_view)> on_bytes);
  Result<> feed(std::string_view bytes);  // invalid_request: not such a form
  bool ended() const { return state_ == State::ended; }

  bool has_file() const { return has_file_; }
  const std::string& filename() const { return filename_; }
  const std::string& media_type() const { return media_type_; }
  const std::string& expires_in_seconds() const { return expires_in_seconds_; }

 private:
  enum class State { preamble, boundary_end, head, body, ended };
  Result<bool> step();  // false: more bytes are needed
  Result<> take_body(std::string_view bytes);
  void read_head(std::string_view head);

  const std::string delimiter_;  // CRLF "--" boundary
  const std::function<Result<>(std::string_view)> on_bytes_;
  State state_ = State::preamble;
  std::string buffer_ = "\r\n";  // so that the first boundary reads like the others
  std::string name_;             // of the part under way
  bool has_file_ = false;
  std::string filename_, media_type_, expires_in_seconds_;
};

// The boundary of a Content-Type; empty: it is no form.
std::string form_boundary(std::string_view content_type);

}  // namespace weir::ops::upstream
