// model/providers/openai.h: OpenAI's API, and the servers that speak it: Ollama, vLLM, llama.cpp.
#pragma once

#include "base/secret.h"
#include "model/providers/provider.h"
#include "model/providers/registry.h"

namespace weir::model {

class OpenAi final : public Provider {
 public:
  // `origin` with or without the final /v1: both are in use (OPENAI_BASE_URL has it by convention). An
  // empty key sends none, as local servers want it.
  OpenAi(std::string name, net::Origin origin, Secret api_key);

  std::string_view name() const override { return name_; }
  std::string_view system() const override { return "openai"; }
  bool speaks(Dialect dialect) const override;
  Dialect dialect() const override { return Dialect::chat_completions; }
  // The client's fields, but with Weir's key as the only credential; fields that speak to Anthropic stay
  // behind.
  Task<Result<PreparedRequest>> prepare(const OutboundCall& call) override;
  // As the official SDK: 408, 409, 429 and 5xx; x-should-retry overrules.
  Verdict classify(int status, const net::Headers& headers) const override;
  Verdict classify_error(std::string_view error_type) const override;
  std::string_view request_id(const net::Headers& headers) const override {
    return headers.get("x-request-id");
  }

 private:
  const std::string name_;
  const net::Origin origin_;
  const Secret api_key_;
  const bool base_has_version_;
};

extern const ProviderKind kOpenAiKind;

}  // namespace weir::model
