// edge/api/multipart.h: multipart/form-data (RFC 7578, RFC 2046 §5.1), without I/O.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::edge {

struct MultipartLimits {
  std::size_t part_size_max = 16 * 1024 * 1024;
  std::size_t head_size_max = 8 * 1024;  // the fields of one part
  std::size_t parts_max = 1'000;
};

struct MultipartPart {
  std::string name;
  std::string filename;    // without directories; empty: none was given
  std::string media_type;  // Content-Type as sent; empty: none
  std::string body;
};

// The boundary parameter of a Content-Type; nullopt when that is not a usable multipart/form-data.
std::optional<std::string> multipart_boundary(std::string_view content_type);

// The file name of a Content-Disposition (RFC 6266), without directories; empty when there is none.
std::string disposition_filename(std::string_view content_disposition);

// Takes bytes in any pieces and gives whole parts. Holds one unfinished part and the parts that the
// last piece completed, so that memory is bounded by part_size_max and the size of a piece.
class MultipartParser {
 public:
  MultipartParser(std::string_view boundary, MultipartLimits limits);
  // invalid_request for broken framing, too_large beyond a limit. After an error the parser is spent.
  Result<> feed(std::string_view bytes);
  std::optional<MultipartPart> take();
  // To be called at the end of the body: invalid_request when the closing boundary has not come.
  Result<> finish() const;

 private:
  enum class State { preamble, after_delimiter, head, body, epilogue };
  enum class Step { more, next };  // needs more bytes, or can go on at once
  Result<Step> step();
  Step skip_preamble();
  Result<Step> read_after_delimiter();
  Result<Step> read_head();
  Result<Step> read_body();

  const std::string delimiter_;  // CRLF "--" boundary
  const MultipartLimits limits_;
  State state_ = State::preamble;
  std::string buffer_;
  std::size_t searched_ = 0;  // bytes of buffer_ in which no delimiter begins
  std::size_t parts_ = 0;
  MultipartPart part_;
  std::deque<MultipartPart> ready_;
};

}  // namespace weir::edge
