#include "edge/policies/body_checks.h"

#include "base/text.h"

namespace weir::edge {

std::string media_type_of(std::string_view content_type) {
  return to_lower(trim(content_type.substr(0, content_type.find(';'))));
}

bool is_json_type(std::string_view content_type) {
  const std::string type = media_type_of(content_type);
  if (type != "application/json" && !type.ends_with("+json")) return false;
  const auto parameters = to_lower(content_type);
  const auto charset = parameters.find("charset=");
  if (charset == parameters.npos) return true;
  std::string_view name = std::string_view(parameters).substr(charset + 8);
  name = trim(name.substr(0, name.find(';')));
  return name == "utf-8" || name == "\"utf-8\"" || name == "utf8";
}

Result<> check_body_head(Exchange& exchange, Admission& admission) {
  const Route& route = *exchange.route;
  if (route.body == BodyRule::none) return {};
  const net::Request& request = exchange.request;
  const std::size_t size_max = admission.config.*route.body_size_max;
  if (request.content_length > 0 && static_cast<std::uint64_t>(request.content_length) > size_max) {
    return fail(Code::too_large,
                "the body has " + std::to_string(request.content_length) + " bytes; at most " +
                    std::to_string(size_max) + " are read",
                "send a smaller body");
  }
  if (route.body == BodyRule::streamed) return {};
  if (!request.has_body || request.content_length == 0) {
    return fail(Code::invalid_request, "the request has no body",
                route.body == BodyRule::json ? "send a JSON object with Content-Type: application/json"
                                             : "send the document as the body");
  }
  const std::string_view coding = request.headers.get("content-encoding");
  if (!coding.empty() && !iequals(coding, "identity")) {
    return fail(Code::unsupported_media_type, "the body is encoded as " + std::string(coding),
                "send it without Content-Encoding");
  }
  if (route.body == BodyRule::json && !is_json_type(request.headers.get("content-type"))) {
    return fail(Code::unsupported_media_type, "the body must be application/json in UTF-8",
                "send Content-Type: application/json");
  }
  return {};
}

}  // namespace weir::edge
