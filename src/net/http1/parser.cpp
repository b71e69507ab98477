#include "net/http1/parser.h"

#include <algorithm>

#include "net/http1/framing.h"

namespace weir::net::http1 {

RequestParser::RequestParser(const ServerConfig& limits, Request& request)
    : limits_(limits), request_(request), scanner_(limits) {}

void RequestParser::reset() {
  scanner_.reset();
  chunked_.reset();
  state_ = State::head;
  body_left_ = 0;
}

RequestParser::Event RequestParser::refuse(Refusal refusal) {
  refusal_ = refusal;
  state_ = State::refused;
  return Event::refused;
}

RequestParser::Event RequestParser::next(std::string_view& input) {
  switch (state_) {
    case State::head: return take_head(input);
    case State::fixed: return take_fixed(input);
    case State::chunked: return take_chunked(input);
    case State::done: return Event::done;
    case State::refused: break;
  }
  return Event::refused;
}

RequestParser::Event RequestParser::take_head(std::string_view& input) {
  const HeadScanner::Event scanned = scanner_.scan(input);
  if (scanned == HeadScanner::Event::need_more) return Event::need_more;
  if (scanned == HeadScanner::Event::refused) return refuse(scanner_.refusal());

  Framing framing;
  const std::string_view head = input.substr(scanner_.begin(), scanner_.end() - scanner_.begin());
  auto refusal = parse_head(head, request_);
  if (!refusal) refusal = check_head(limits_, request_, framing);
  if (refusal) return refuse(*refusal);

  input.remove_prefix(scanner_.end());
  keep_alive_ = framing.keep_alive;
  expects_continue_ = framing.expects_continue;
  body_left_ = framing.content_length;
  if (framing.chunked) {
    chunked_.emplace(limits_.body_size_max);
    state_ = State::chunked;
  } else {
    state_ = body_left_ > 0 ? State::fixed : State::done;
  }
  return Event::head;
}

RequestParser::Event RequestParser::take_fixed(std::string_view& input) {
  if (input.empty()) return Event::need_more;
  piece_ = input.substr(0, std::min<std::uint64_t>(input.size(), body_left_));
  input.remove_prefix(piece_.size());
  body_left_ -= piece_.size();
  if (body_left_ == 0) state_ = State::done;
  return Event::body;
}

RequestParser::Event RequestParser::take_chunked(std::string_view& input) {
  WEIR_ASSERT(chunked_.has_value());  // State::chunked goes with it
  switch (chunked_->next(input, piece_)) {
    case ChunkedDecoder::Event::need_more: return Event::need_more;
    case ChunkedDecoder::Event::data: return Event::body;
    case ChunkedDecoder::Event::done: state_ = State::done; return Event::done;
    case ChunkedDecoder::Event::refused: break;
  }
  return refuse(chunked_->refusal());
}

}  // namespace weir::net::http1
