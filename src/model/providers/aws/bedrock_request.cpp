#include "model/providers/aws/bedrock_request.h"

#include "base/json.h"
#include "base/json_edit.h"
#include "base/text.h"
#include "model/providers/beta_flags.h"

namespace weir::model {
namespace {

constexpr std::string_view kInvoke = "/invoke";
constexpr std::string_view kInvokeStream = "/invoke-with-response-stream";

// The strings of a JSON array as "a,b"; nullopt: it is none of strings.
std::optional<std::string> beta_list(const JsonMember* member) {
  if (member == nullptr) return std::string();
  const auto parsed = parse_json(member->value);
  if (!parsed || !parsed->is_array()) return std::nullopt;
  std::string out;
  for (const json::value& flag : parsed->get_array()) {
    if (!flag.is_string()) return std::nullopt;
    out += (out.empty() ? "" : ",") + std::string(flag.get_string());
  }
  return out;
}

void edit_betas(JsonEdit& edit, std::string_view header) {
  const JsonMember* member = edit.find("anthropic_beta");
  const auto in_body = beta_list(member);
  if (!in_body) return;  // Bedrock shall say what is wrong with it
  const std::string wanted = *in_body + (in_body->empty() || header.empty() ? "" : ",") + std::string(header);
  const auto flags = accepted_betas(Cloud::bedrock, wanted);
  std::string list;
  std::string array;
  for (const std::string& flag : flags) {
    list += (list.empty() ? "" : ",") + flag;
    array += (array.empty() ? "[" : ",") + json_text(flag);
  }
  if (flags.empty()) {
    edit.remove("anthropic_beta");
  } else if (member == nullptr || list != *in_body) {
    edit.set("anthropic_beta", array + "]");
  }
}

Result<JsonEdit> invoke_body(const MessagesInput& input) {
  auto edit = JsonEdit::read(input.body);
  if (!edit) return fail(edit);
  edit->remove("model");
  edit->remove("stream");
  if (!input.user_profile_id.empty() && edit->find("user_profile_id") == nullptr) {
    edit->set("user_profile_id", json_text(input.user_profile_id));
  }
  edit_betas(*edit, input.betas);
  if (edit->find("anthropic_version") == nullptr) edit->set("anthropic_version", json_text(kBedrockVersion));
  return edit;
}

}  // namespace

Result<CloudRequest> to_bedrock_invoke(const MessagesInput& input) {
  auto model = model_segment(input.model, ":");
  if (!model) return fail(model);
  auto edit = invoke_body(input);
  if (!edit) return fail(edit);
  return CloudRequest{.target = "/model/" + *model + std::string(input.stream ? kInvokeStream : kInvoke),
                      .body = edit->text()};
}

Result<CloudRequest> to_bedrock_count_tokens(const MessagesInput& input) {
  auto model = model_segment(input.model, ":");
  if (!model) return fail(model);
  auto edit = invoke_body(input);
  if (!edit) return fail(edit);
  if (edit->find("max_tokens") == nullptr) edit->set("max_tokens", "1");
  return CloudRequest{.target = "/model/" + *model + "/count-tokens",
                      .body = R"({"input":{"invokeModel":{"body":")" + to_base64(edit->text()) + R"("}}})"};
}

Result<std::string> from_bedrock_count_tokens(std::string_view body) {
  const auto parsed = parse_json(body);
  const json::value* tokens = parsed ? find_member(*parsed, "inputTokens") : nullptr;
  if (tokens == nullptr || !tokens->is_int64()) {
    return fail(Code::upstream_failed, "Bedrock's count of tokens is not what its API says");
  }
  return R"({"input_tokens":)" + std::to_string(tokens->get_int64()) + "}";
}

std::optional<BedrockTarget> parse_bedrock_target(std::string_view path) {
  constexpr std::string_view prefix = "/model/";
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  BedrockTarget target;
  target.stream = path.ends_with(kInvokeStream);
  if (!target.stream && !path.ends_with(kInvoke)) return std::nullopt;
  path.remove_suffix(target.stream ? kInvokeStream.size() : kInvoke.size());
  auto model = percent_decode(path);
  if (!model || model->empty()) return std::nullopt;
  target.model = *std::move(model);
  return target;
}

Result<FromBedrock> from_bedrock_invoke(std::string_view body, const BedrockTarget& target) {
  auto edit = JsonEdit::read(body);
  if (!edit) return fail(edit);
  FromBedrock out;
  const auto betas = beta_list(edit->find("anthropic_beta"));
  if (!betas) {
    Error error(Code::invalid_request, "anthropic_beta must be an array of strings",
                "send for example [\"a-2025-01-01\"]");
    error.field = "anthropic_beta";
    return fail(std::move(error));
  }
  out.betas = *betas;
  if (const JsonMember* member = edit->find("anthropic_version")) {
    auto version = json_string(member->value);
    if (version && !version->starts_with("bedrock-")) out.version = *std::move(version);
  }
  edit->remove("anthropic_beta");
  edit->remove("anthropic_version");
  edit->set("model", json_text(target.model));
  if (target.stream) {
    edit->set("stream", "true");
  } else {
    edit->remove("stream");
  }
  out.body = edit->text();
  return out;
}

}  // namespace weir::model
