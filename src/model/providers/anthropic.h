// model/providers/anthropic.h: the Claude API (platform.claude.com, Messages API).
#pragma once

#include "base/secret.h"
#include "model/providers/provider.h"

namespace weir::model {

class Anthropic final : public Provider {
 public:
  Anthropic(net::Origin origin, Secret api_key);

  std::string_view name() const override { return "anthropic"; }
  const net::Origin& origin() const override { return origin_; }
  // The client's fields as they are, but with Weir's key as the only credential, and with
  // anthropic-version when the client sent none. Its open lists (anthropic-beta…) pass unread.
  net::ClientRequest request(const UpstreamCall& call) const override;
  // Retries what the official SDKs retry: 408, 409, 429 and 5xx; x-should-retry overrules.
  Verdict classify(int status, const net::Headers& headers) const override;
  // Retries all but the errors that blame the request (platform.claude.com, Errors).
  Verdict classify_error(std::string_view error_type) const override;
  std::string_view request_id(const net::Headers& headers) const override { return headers.get("request-id"); }

 private:
  const net::Origin origin_;
  const Secret api_key_;
};

}  // namespace weir::model
