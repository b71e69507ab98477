#include "net/http1/chunked.h"

#include <algorithm>

#include "net/http1/syntax.h"
#include "net/target.h"

namespace weir::net::http1 {
namespace {

// The size of the quoted-string at the front (RFC 9110 §5.6.4), 0 when there is none.
std::size_t quoted_string_size(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
  }
  return 0;
}

// *( ";" token [ "=" ( token / quoted-string ) ] )
bool is_valid_extension(std::string_view text) {
  while (!text.empty()) {
    if (text.front() != ';') return false;
    text.remove_prefix(1);
    const std::size_t name_size = std::min(text.find_first_of(";="), text.size());
    if (!is_token(text.substr(0, name_size))) return false;
    text.remove_prefix(name_size);
    if (!text.starts_with('=')) continue;
    text.remove_prefix(1);
    std::size_t value_size = quoted_string_size(text);
    if (value_size == 0) {
      value_size = std::min(text.find(';'), text.size());
      if (!is_token(text.substr(0, value_size))) return false;
    }
    text.remove_prefix(value_size);
  }
  return true;
}

}  // namespace

ChunkedDecoder::Event ChunkedDecoder::next(std::string_view& input, std::string_view& piece) {
  while (state_ != State::done) {
    if (refusal_.reason.data() != nullptr) return Event::refused;
    if (input.empty()) return Event::need_more;
    if (state_ == State::data) {
      piece = input.substr(0, std::min<std::uint64_t>(input.size(), chunk_left_));
      input.remove_prefix(piece.size());
      chunk_left_ -= piece.size();
      if (chunk_left_ == 0) state_ = State::data_cr;
      return Event::data;
    }
    if (!take(input.front())) return Event::refused;
    input.remove_prefix(1);
  }
  return Event::done;
}

bool ChunkedDecoder::refuse(int status, std::string_view reason, std::string_view message) {
  refusal_ = {status, reason, message};
  return false;
}

bool ChunkedDecoder::take(char c) {
  switch (state_) {
    case State::size:
      return take_size(c);
    case State::extension:
      if (c == '\r') {
        state_ = State::size_lf;
        return true;
      }
      if (line_.size() == kChunkExtensionSizeMax || !is_field_char(c)) {
        return refuse(400, "chunk_extension", "a chunk extension is too long or has a control character");
      }
      line_ += c;
      return true;
    case State::size_lf:
      return c == '\n' ? end_size_line() : refuse(400, "chunk_framing", "a chunk size line must end with CRLF");
    case State::data_cr:
    case State::data_lf:
      if (c != (state_ == State::data_cr ? '\r' : '\n')) {
        return refuse(400, "chunk_framing", "chunk data must end with CRLF");
      }
      state_ = state_ == State::data_cr ? State::data_lf : State::size;
      return true;
    case State::trailer:
      return take_trailer(c);
    case State::trailer_lf:
      return c == '\n' ? end_trailer_line() : refuse(400, "bare_cr", "a trailer line must end with CRLF");
    case State::data:
    case State::done:
      break;
  }
  return true;
}

bool ChunkedDecoder::take_size(char c) {
  const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  if (digit >= 0) {
    if (++digits_ > kChunkSizeDigitsMax) return refuse(400, "chunk_size", "a chunk size has too many digits");
    chunk_left_ = chunk_left_ * 16 + static_cast<std::uint64_t>(digit);
    return true;
  }
  if (digits_ == 0 || (c != '\r' && c != ';')) {
    return refuse(400, "chunk_size", "a chunk size must be hexadecimal digits only");
  }
  line_.clear();
  if (c == ';') line_ += c;
  state_ = c == ';' ? State::extension : State::size_lf;
  return true;
}

bool ChunkedDecoder::end_size_line() {
  if (!is_valid_extension(line_)) return refuse(400, "chunk_extension", "a chunk extension is malformed");
  if (chunk_left_ > size_left_) return refuse(413, "body_size", "the request body is too large");
  size_left_ -= chunk_left_;
  digits_ = 0;
  line_.clear();
  state_ = chunk_left_ == 0 ? State::trailer : State::data;
  return true;
}

bool ChunkedDecoder::take_trailer(char c) {
  if (c == '\r') {
    state_ = State::trailer_lf;
    return true;
  }
  if (++trailer_size_ > kTrailerSizeMax) return refuse(431, "trailer_size", "the trailer fields are too large");
  if (!is_field_char(c)) return refuse(400, "trailer", "a trailer field has a control character or a bare LF");
  line_ += c;
  return true;
}

bool ChunkedDecoder::end_trailer_line() {
  if (line_.empty()) {
    state_ = State::done;
    return true;
  }
  const std::size_t colon = line_.find(':');
  if (!is_token(std::string_view(line_).substr(0, colon)) || colon == std::string::npos) {
    return refuse(400, "trailer", "a trailer field is malformed");
  }
  line_.clear();
  state_ = State::trailer;
  return true;
}

}  // namespace weir::net::http1
