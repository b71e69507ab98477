// The simulated Vertex AI: rawPredict, streamRawPredict and count-tokens of Anthropic's models.
#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "ops/upstream/cloud.h"

namespace weir::ops::upstream {
namespace {

constexpr std::string_view kPublisher = "/publishers/anthropic/models/";

struct GoogleStatus {
  int status;
  std::string_view name;
};
constexpr std::array kStatuses{
    GoogleStatus{400, "INVALID_ARGUMENT"},  GoogleStatus{401, "UNAUTHENTICATED"},
    GoogleStatus{403, "PERMISSION_DENIED"}, GoogleStatus{404, "NOT_FOUND"},
    GoogleStatus{409, "ABORTED"},           GoogleStatus{429, "RESOURCE_EXHAUSTED"},
    GoogleStatus{503, "UNAVAILABLE"},       GoogleStatus{504, "DEADLINE_EXCEEDED"},
};

class Vertex final : public Cloud {
 public:
  explicit Vertex(CloudTokens& tokens) : tokens_(tokens) {}

  bool owns(const net::Request& request) const override {
    return request.path.starts_with("/v1/projects/") || request.path.starts_with("/projects/");
  }

  std::optional<Refusal> check_caller(const net::Request& request, std::string_view) const override {
    if (tokens_.takes_bearer(bearer_of(request))) return std::nullopt;
    return Refusal{401,
                   "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
                   "cookie or other valid authentication credential."};
  }

  Result<CloudQuestion> question(const net::Request& request, std::string_view body) const override {
    const std::string_view path = request.path;
    const std::size_t at = path.find(kPublisher);
    const std::size_t colon = path.rfind(':');
    if (at == std::string_view::npos || colon == std::string_view::npos || colon < at ||
        request.method != "POST")
      return fail(Code::not_found, "Requested entity was not found.");
    const std::string_view model = path.substr(at + kPublisher.size(), colon - at - kPublisher.size());
    const std::string_view action = path.substr(colon + 1);
    const bool counts = model == "count-tokens";
    if (action != "rawPredict" && action != "streamRawPredict")
      return fail(Code::not_found, "Requested entity was not found.");
    auto message = parse_json(body);
    if (!message || !message->is_object())
      return fail(Code::invalid_request, "Invalid JSON payload received.");
    json::object& object = message->get_object();
    if (string_member(object, "anthropic_version").empty())
      return fail(Code::invalid_request, "anthropic_version: Field required");
    if (!counts && object.contains("model"))
      return fail(Code::invalid_request, "model: Extra inputs are not permitted");
    object.erase("anthropic_version");
    std::string name(counts ? string_member(object, "model") : model);
    std::ranges::replace(name, '@', '-');
    object["model"] = name;
    return CloudQuestion{.path = counts ? "/v1/messages/count_tokens" : "/v1/messages",
                         .body = json::serialize(object)};
  }

  // Google's own, but for what the model says about a request.
  net::Response error(int status, std::string_view message) const override {
    const auto* const known = std::ranges::find(kStatuses, status, &GoogleStatus::status);
    json::object body{{"error",
                       {{"code", status},
                        {"message", message},
                        {"status", known != kStatuses.end() ? known->name : "INTERNAL"}}}};
    const bool of_the_model = status == 400 || status == 413 || status == 529;
    return {.status = status,
            .headers = {{"content-type", "application/json"}},
            .body = of_the_model ? error_body(status, message, "") : json::serialize(body)};
  }

 private:
  CloudTokens& tokens_;
};

}  // namespace

std::unique_ptr<Cloud> simulated_vertex(CloudTokens& tokens) {
  return std::make_unique<Vertex>(tokens);
}

}  // namespace weir::ops::upstream
