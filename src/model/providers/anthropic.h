// model/providers/anthropic.h: the Claude API (platform.claude.com, Messages API), and what speaks it.
#pragma once

#include "base/secret.h"
#include "model/providers/claude_name.h"
#include "model/providers/provider.h"
#include "model/providers/registry.h"

namespace weir::model {

class Anthropic final : public Provider {
 public:
  Anthropic(std::string name, net::Origin origin, Secret api_key);

  std::string_view name() const override { return name_; }
  std::string_view system() const override { return "anthropic"; }
  bool speaks(Dialect dialect) const override {
    return dialect == Dialect::messages || dialect == Dialect::opaque;
  }
  Dialect dialect() const override { return Dialect::messages; }
  // Also of a model that the caller names as a cloud does.
  std::string model_id(std::string_view model) const override { return claude_name(model); }
  // The client's fields as they are, but with Weir's key as the only credential, and with
  // anthropic-version when the client sent none. Its open lists (anthropic-beta…) pass unread.
  Task<Result<PreparedRequest>> prepare(const OutboundCall& call) override;
  // Retries what the official SDKs retry: 408, 409, 429 and 5xx; x-should-retry overrules.
  Verdict classify(int status, const net::Headers& headers) const override;
  // Retries all but the errors that blame the request (platform.claude.com, Errors).
  Verdict classify_error(std::string_view error_type) const override;
  std::string_view request_id(const net::Headers& headers) const override {
    return headers.get("request-id");
  }

 private:
  const std::string name_;
  const net::Origin origin_;
  const Secret api_key_;
};

extern const ProviderKind kAnthropicKind;

}  // namespace weir::model
