// model/providers/google/vertex_provider.h: Claude on Google's Vertex AI: rawPredict and streamRawPredict,
// whose answers are the Claude API's own.
#pragma once

#include "model/providers/cloud_provider.h"
#include "model/providers/google/vertex.h"

namespace weir::model {

class Vertex final : public CloudProvider {
 public:
  // `quota_project`: for x-goog-user-project; empty: none.
  Vertex(CloudIdentity identity, std::unique_ptr<TokenSource> tokens, VertexPlace place,
         std::string quota_project);

  bool sends_pings() const override { return true; }
  bool regional_prices() const override { return place_.region != "global"; }
  Task<Result<PreparedRequest>> prepare(const OutboundCall& call) override;
  std::string_view request_id(const net::Headers& headers) const override {
    return headers.get("request-id");
  }

 private:
  std::string default_model_id(std::string_view model) const override;

  const VertexPlace place_;
  const std::string quota_project_;
};

// "claude-sonnet-4-5-20250929" and "claude-sonnet-4-5" → "claude-sonnet-4-5@20250929"; "claude-opus-5-5"
// stays.
std::string vertex_model_id(std::string_view model);

extern const ProviderKind kVertexKind;

}  // namespace weir::model
