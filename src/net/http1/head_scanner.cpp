#include "net/http1/head_scanner.h"

#include <algorithm>

#include "net/http1/syntax.h"

namespace weir::net::http1 {

HeadScanner::Event HeadScanner::refuse(int status, std::string_view reason, std::string_view message) {
  refusal_ = {status, reason, message};
  return Event::refused;
}

HeadScanner::Event HeadScanner::scan(std::string_view input) {
  const std::size_t limit = std::min(input.size(), limits_->head_size_max);
  while (at_ < limit) {
    // Inside a field line nothing needs a decision until the next special byte.
    if (line_ > 0 && line_size_ > 0 && !after_cr_) {
      const std::size_t from = at_;
      while (at_ < limit && is_field_char(input[at_])) ++at_;
      line_size_ += at_ - from;
      if (at_ == limit) break;
    }
    const Event event = take(input[at_]);
    if (event == Event::refused) return event;
    ++at_;
    if (event == Event::complete) return event;
  }
  if (input.size() <= limit) return Event::need_more;
  return refuse(431, "head_size", "the request head is too large");
}

HeadScanner::Event HeadScanner::take(char c) {
  if (after_cr_) {
    if (c != '\n') return refuse(400, "bare_cr", "a CR stands without LF");
    after_cr_ = false;
    return end_line();
  }
  if (c == '\r') {
    after_cr_ = true;
    return Event::need_more;
  }
  if (c == '\n') return refuse(400, "bare_lf", "lines must end with CRLF");
  if (!is_field_char(c)) return refuse(400, "control_character", "the request head has a control character");
  if (line_ == 0) return take_in_request_line(c);
  if (line_size_ == 0 && (c == ' ' || c == '\t')) {
    return refuse(400, "obs_fold", "line folding is not allowed");
  }
  ++line_size_;
  return Event::need_more;
}

HeadScanner::Event HeadScanner::take_in_request_line(char c) {
  if (c == '\t' || static_cast<unsigned char>(c) >= 0x80) {
    return refuse(400, "request_line", "the request line has a character that is not allowed");
  }
  if (c == ' ') {
    ++spaces_;
  } else if (spaces_ == 1 && ++target_size_ > limits_->target_size_max) {
    return refuse(414, "target_size", "the request target is too long");
  }
  ++line_size_;
  return Event::need_more;
}

HeadScanner::Event HeadScanner::end_line() {
  if (line_size_ == 0) {
    if (line_ > 0) return Event::complete;
    if (begin_ > 0) return refuse(400, "request_line", "the request line is missing");
    begin_ = at_ + 1;
    return Event::need_more;
  }
  if (line_ == 0 && (spaces_ != 2 || target_size_ == 0)) {
    return refuse(400, "request_line", "the request line must be method, target and version");
  }
  if (line_ > limits_->fields_max) return refuse(431, "fields", "the request has too many fields");
  ++line_;
  line_size_ = 0;
  return Event::need_more;
}

}  // namespace weir::net::http1
