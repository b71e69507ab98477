#include "model/providers/cloud_error.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "net/sse/sse.h"

namespace weir::model {
namespace {

constexpr std::size_t kMessageSizeMax = 4'096;  // of a body that is no JSON: an HTML page of a proxy

struct Meaning {
  int status;
  std::string_view type;
};

struct AwsException {
  std::string_view name;  // without "Exception"
  Meaning meaning;
};

// botocore's model of bedrock-runtime. A 424 is the model's failure, which the Claude API calls api_error;
// 529 is what clients know to wait for.
constexpr std::array kAwsExceptions{
    AwsException{"accessdenied", {403, "permission_error"}},
    AwsException{"internalserver", {500, "api_error"}},
    AwsException{"modelerror", {500, "api_error"}},
    AwsException{"modelnotready", {529, "overloaded_error"}},
    AwsException{"modelstreamerror", {500, "api_error"}},
    AwsException{"modeltimeout", {504, "timeout_error"}},
    AwsException{"resourcenotfound", {404, "not_found_error"}},
    AwsException{"servicequotaexceeded", {429, "rate_limit_error"}},
    AwsException{"serviceunavailable", {529, "overloaded_error"}},
    AwsException{"throttling", {429, "rate_limit_error"}},
    AwsException{"validation", {400, "invalid_request_error"}},
};

constexpr std::array kStatuses{
    Meaning{400, "invalid_request_error"},
    Meaning{401, "authentication_error"},
    Meaning{402, "billing_error"},
    Meaning{403, "permission_error"},
    Meaning{404, "not_found_error"},
    Meaning{409, "conflict_error"},
    Meaning{413, "request_too_large"},
    Meaning{429, "rate_limit_error"},
    Meaning{500, "api_error"},
    Meaning{504, "timeout_error"},
    Meaning{529, "overloaded_error"},
};

// "ValidationException:http://internal.amazon.com/…" and "validationException" are one thing.
std::string exception_name(std::string_view kind) {
  std::string name = to_lower(kind.substr(0, kind.find(':')));
  if (const std::size_t hash = name.rfind('#'); hash != std::string::npos) name.erase(0, hash + 1);
  if (name.ends_with("exception")) name.resize(name.size() - std::string_view("exception").size());
  return name;
}

Meaning meaning_of(int status, std::string_view kind) {
  if (!kind.empty()) {
    const auto known = std::ranges::find(kAwsExceptions, exception_name(kind), &AwsException::name);
    if (known != kAwsExceptions.end()) return known->meaning;
  }
  if (status == 408) status = 504;
  if (status == 503) status = 529;
  if (status == 424) status = 500;
  const auto known = std::ranges::find(kStatuses, status, &Meaning::status);
  if (known != kStatuses.end()) return *known;
  return status >= 500 ? Meaning{status, "api_error"} : Meaning{status, "invalid_request_error"};
}

bool is_envelope(const json::value& body) {
  const json::value* error = find_member(body, "error");
  return string_member(body, "type") == "error" && error != nullptr && !string_member(*error, "type").empty();
}

std::string_view message_in(const json::value& body) {
  if (body.is_array() && !body.get_array().empty())
    return message_in(body.get_array().front());  // Google, streamed
  for (const std::string_view name : {"message", "Message", "error_description"}) {
    if (const std::string_view message = string_member(body, name); !message.empty()) return message;
  }
  const json::value* error = find_member(body, "error");
  if (error == nullptr) return {};
  return error->is_string() ? std::string_view(error->get_string()) : string_member(*error, "message");
}

}  // namespace

CloudError cloud_error(int status, std::string_view kind, std::string_view body) {
  const Meaning meaning = meaning_of(status, kind);
  CloudError out{.status = meaning.status, .type = std::string(meaning.type), .message = {}, .body = {}};
  const auto parsed = parse_json(body);
  if (parsed && is_envelope(*parsed)) {
    const json::value& error = *find_member(*parsed, "error");
    out.type = string_member(error, "type");
    out.message = string_member(error, "message");
    out.body = body;
    return out;
  }
  if (parsed) out.message = message_in(*parsed);
  if (out.message.empty() && is_valid_utf8(body)) out.message = trim(body.substr(0, kMessageSizeMax));
  if (out.message.empty() || !is_valid_utf8(out.message)) {
    out.message = "the provider answered with status " + std::to_string(status) + " and gave no reason";
  }
  out.body = error_envelope(out.type, out.message);
  return out;
}

std::string error_envelope(std::string_view type, std::string_view message) {
  std::string out = R"({"type":"error","error":{"type":)";
  append_json_string(out, type);
  out += R"(,"message":)";
  append_json_string(out, message);
  out += "}}";
  return out;
}

void append_error_event(std::string& out, std::string_view envelope) {
  net::append_sse(out, "error", envelope);
}

}  // namespace weir::model
