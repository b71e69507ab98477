#include "edge/api/body.h"

#include "base/text.h"

namespace weir::edge {
namespace {

// Room behind the body that the JSON reader wants, so that it need not move the body for it.
constexpr std::size_t kReadAhead = 64;
constexpr std::int64_t kRetryAfterMs = 1'000;

}  // namespace

Result<> keep_in_memory(Exchange& exchange, std::size_t bytes) {
  if (exchange.body_pass.take(bytes)) return {};
  Error refusal(Code::overloaded, "too many large requests are being read", "try again in a moment");
  refusal.retry_after_ms = kRetryAfterMs;
  return fail(std::move(refusal));
}

Task<Result<std::string>> read_body(Exchange& exchange, std::size_t size_max) {
  const BodyTimer timer(exchange);
  std::string body;
  const std::int64_t declared = exchange.request.content_length;
  // The policies have checked the declared size; what is not declared grows as it comes.
  if (declared > 0) body.reserve(std::min(static_cast<std::size_t>(declared), size_max) + kReadAhead);
  while (true) {
    auto piece = co_await exchange.request.body->read();
    if (!piece) co_return fail(piece);
    if (piece->empty()) break;
    if (body.size() + piece->size() > size_max) {
      co_return fail(Code::too_large, "the body is larger than " + std::to_string(size_max) + " bytes",
                     "send a smaller body");
    }
    auto kept = keep_in_memory(exchange, piece->size());
    if (!kept) co_return fail(kept);
    body += *piece;
  }
  if (body.empty()) co_return fail(Code::invalid_request, "the request has no body", "send one");
  co_return body;
}

Result<json::object> parse_object(std::string_view body, std::size_t depth_max) {
  if (!is_valid_utf8(body)) {
    return fail(Code::invalid_request, "the body is not valid UTF-8", "encode it as UTF-8");
  }
  auto value = parse_json(body, depth_max);
  if (!value) return fail(value);
  if (!value->is_object()) {
    return fail(Code::invalid_request, "the body must be a JSON object", "send {\"…\": …}");
  }
  return std::move(value->get_object());
}

std::unexpected<Error> bad_field(std::string_view field, std::string message, std::string hint) {
  Error error(Code::invalid_request, std::move(message), std::move(hint));
  error.field = field;
  return fail(std::move(error));
}

Result<const json::string*> optional_string(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr || member->is_null()) return nullptr;
  if (!member->is_string()) return bad_field(name, std::string(name) + " must be a string");
  return &member->get_string();
}

net::Response json_response(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.headers.add("content-type", "application/json; charset=utf-8");
  response.body = std::move(body);
  return response;
}

}  // namespace weir::edge
