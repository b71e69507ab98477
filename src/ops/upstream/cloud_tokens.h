// ops/upstream/cloud_tokens.h: the simulated issuers of credentials: AWS's STS, its instance metadata service
// and container agent, Google's token endpoint and metadata server, Microsoft Entra ID.
//
//   POST /?Action=AssumeRoleWithWebIdentity (form)     AWS STS
//   PUT  /latest/api/token, GET /latest/meta-data/iam/security-credentials/[simulated]   EC2
//   GET  /container-credentials                        ECS, EKS Pod Identity
//   POST /token (form)                                 Google, by service account or refresh token
//   GET  /computeMetadata/v1/instance/service-accounts/default/token
//   POST /{tenant}/oauth2/v2.0/token (form)            Entra ID
//
// What they issue is good for token_life and known here: a cloud refuses what has expired.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "model/providers/aws/sigv4.h"
#include "net/http.h"

namespace weir::ops::upstream {

struct CloudConfig {
  // The keys that AWS's documentation uses; a request signed with others is refused.
  std::string aws_key_id = "AKIAIOSFODNN7EXAMPLE";
  Secret aws_secret{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
  std::chrono::seconds token_life{3600};
};

// Thread-safe.
class CloudTokens {
 public:
  static constexpr std::size_t kIssuedMax = 10'000;

  CloudTokens(const CloudConfig& config, const Clock& clock, Random& random);

  // The answer of the issuer at this path; nullopt: there is none.
  std::optional<net::Response> answer(const net::Request& request, std::string_view body);
  // Tokens of others are none of ours to judge: any will do, but not one of ours that has expired.
  bool takes_bearer(std::string_view token);
  // The keys of that id that are good now; nullopt: unknown, or expired.
  std::optional<model::AwsKeys> aws_keys(std::string_view access_key_id);
  std::int64_t issued() const { return issued_; }

 private:
  struct Issued {
    model::AwsKeys keys;  // of AWS
    WallTime expires_at{};
  };
  std::string issue_bearer();
  Issued issue_keys();
  void remember(std::string id, Issued issued);
  std::string random_text();
  net::Response oauth_answer();
  net::Response keys_answer();
  net::Response sts_answer();
  std::optional<net::Response> metadata_answer(const net::Request& request);

  const CloudConfig& config_;
  const Clock& clock_;
  Random& random_;
  std::atomic<std::int64_t> issued_{0};
  std::mutex mutex_;                                  // guards what follows
  std::map<std::string, Issued, std::less<>> by_id_;  // bearer tokens, and ids of access keys
};

}  // namespace weir::ops::upstream
