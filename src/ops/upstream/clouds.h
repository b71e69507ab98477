// ops/upstream/clouds.h: the simulated clouds around the simulated Messages API: the same scripts,
// recordings, delays and faults, in each cloud's paths, bodies, frames and errors.
//
// Bedrock: POST /model/{id}/invoke, /invoke-with-response-stream, /count-tokens.
// Mantle: POST /anthropic/v1/messages…, signed.
// Claude Platform on AWS: POST /v1/messages…, signed, or with anthropic-workspace-id and no x-api-key
// (callers of Anthropic itself may name a workspace, too).
// Vertex AI: POST [/v1]/projects/{p}/locations/{l}/publishers/anthropic/models/{m}:rawPredict,
// :streamRawPredict.
// Azure AI Foundry: POST /anthropic/v1/messages…, not signed.
//
// and the issuers of their credentials (cloud_tokens.h). x-weir-recording answers with the recorded bytes,
// whatever the path (Converse is served so, and only so).
#pragma once

#include <memory>
#include <vector>

#include "ops/upstream/cloud.h"

namespace weir::ops::upstream {

// Safe to call from every loop.
class Clouds {
 public:
  Clouds(CloudConfig config, const Clock& clock, Random& random, std::size_t body_size_max);

  // Whether the request is one to a cloud, or to an issuer of its credentials.
  bool owns(const net::Request& request) const;
  // `messages` answers what the request is in the Messages API; the cloud's key is proven by then, and
  // x-api-key is `messages_key`.
  Task<> answer(net::Request& request, net::Responder& responder, net::Handler messages,
                std::string messages_key);
  std::int64_t tokens_issued() const { return tokens_.issued(); }

 private:
  const Cloud* find(const net::Request& request) const;

  const CloudConfig config_;
  const std::size_t body_size_max_;
  CloudTokens tokens_;
  std::vector<std::unique_ptr<Cloud>> clouds_;
};

}  // namespace weir::ops::upstream
