#include "net/client/response_parser.h"

#include "base/text.h"
#include "net/target.h"

namespace weir::net {

ResponseParser::ResponseParser(std::size_t head_size_max, bool answers_head)
    : head_size_max_(head_size_max), answers_head_(answers_head) {
  llhttp_init(&parser_, HTTP_RESPONSE, &settings());
  parser_.data = this;
}

const llhttp_settings_t& ResponseParser::settings() {
  static const llhttp_settings_t kSettings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_header_field = [](llhttp_t* p, const char* at, std::size_t n) {
      return self(p).on_header_field({at, n});
    };
    s.on_header_value = [](llhttp_t* p, const char* at, std::size_t n) {
      return self(p).on_header_value({at, n});
    };
    s.on_header_value_complete = [](llhttp_t* p) { return self(p).on_header_value_complete(); };
    s.on_headers_complete = [](llhttp_t* p) { return self(p).on_headers_complete(); };
    s.on_body = [](llhttp_t* p, const char* at, std::size_t n) { return self(p).on_body(at, n); };
    s.on_message_complete = [](llhttp_t* p) { return self(p).on_message_complete(); };
    return s;
  }();
  return kSettings;
}

Result<> ResponseParser::feed(std::span<char> bytes) {
  input_ = bytes;
  body_ = {};
  if (complete_) {
    reusable_ = reusable_ && bytes.empty();
    return {};
  }
  const llhttp_errno_t error = llhttp_execute(&parser_, bytes.data(), bytes.size());
  if (error == HPE_PAUSED && complete_) {
    const char* const end = llhttp_get_error_pos(&parser_);
    if (end != bytes.data() + bytes.size()) reusable_ = false;
    return {};
  }
  if (auto checked = check_error(error); !checked) return checked;
  framing_size_ = body_.empty() ? framing_size_ + bytes.size() : 0;
  if (framing_size_ > head_size_max_) {
    return fail(Code::upstream_failed, "the provider's head, chunk framing or trailers are larger than " +
                                           std::to_string(head_size_max_) + " bytes");
  }
  return {};
}

Result<> ResponseParser::end_of_stream() {
  input_ = {};
  body_ = {};
  if (complete_) return {};
  const llhttp_errno_t error = llhttp_finish(&parser_);
  if (complete_) {
    reusable_ = false;
    return {};
  }
  if (error != HPE_OK || head_complete_) {
    return fail(Code::upstream_failed, "the provider closed the connection before the end of its answer");
  }
  return fail(Code::upstream_failed, "the provider closed the connection without an answer");
}

Result<> ResponseParser::check_error(llhttp_errno_t error) const {
  if (error == HPE_OK) return {};
  const char* const reason = refusal_ != nullptr ? refusal_ : llhttp_get_error_reason(&parser_);
  return fail(Code::upstream_failed,
              std::string("the provider's answer is not valid HTTP/1.1: ") +
                  (reason != nullptr && *reason != '\0' ? reason : llhttp_errno_name(error)));
}

// After the head only trailers come, and nobody asked for them.
int ResponseParser::on_header_field(std::string_view part) {
  if (!head_complete_) name_ += part;
  return 0;
}

int ResponseParser::on_header_value(std::string_view part) {
  if (!head_complete_) value_ += part;
  return 0;
}

int ResponseParser::on_header_value_complete() {
  // llhttp lets a space stand before the colon; of values it passes on no control character.
  if (!head_complete_)
    is_token(name_) ? headers_.add_valid(name_, trim(value_)) : headers_.add(name_, trim(value_));
  name_.clear();
  value_.clear();
  return 0;
}

// 1 tells llhttp that no body follows.
int ResponseParser::on_headers_complete() {
  if (parser_.http_major != 1) {
    refusal_ = "the version is not 1.0 or 1.1";
    return -1;
  }
  if (parser_.status_code == 101 || parser_.status_code < 100) {
    refusal_ = "the status is none that was asked for";
    return -1;
  }
  if (interim()) {
    headers_.clear();
    return 1;
  }
  if (headers_.contains("transfer-encoding") && !iequals(headers_.joined("transfer-encoding"), "chunked")) {
    refusal_ = "the transfer coding is not chunked";
    return -1;
  }
  head_complete_ = true;
  name_ = value_ = std::string();  // their memory is not needed for as long as the body streams
  return answers_head_ || parser_.status_code == 204 || parser_.status_code == 304 ? 1 : 0;
}

int ResponseParser::on_body(const char* at, std::size_t size) {
  char* const source = input_.data() + (at - input_.data());
  if (body_.empty()) {
    body_ = {source, size};
    return 0;
  }
  // What lies between is the framing of a chunk, which llhttp has read already.
  char* const target = input_.data() + (body_.data() + body_.size() - input_.data());
  std::memmove(target, source, size);
  body_ = {body_.data(), body_.size() + size};
  return 0;
}

int ResponseParser::on_message_complete() {
  if (interim()) return 0;
  complete_ = true;
  reusable_ = llhttp_should_keep_alive(&parser_) != 0;
  return HPE_PAUSED;
}

}  // namespace weir::net
