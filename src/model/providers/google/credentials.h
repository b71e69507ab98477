// model/providers/google/credentials.h: where tokens for Google Cloud come from: Application Default
// Credentials as google-auth finds them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/providers/credential_parts.h"
#include "model/providers/token_source.h"
#include "net/tls/rsa_key.h"

namespace weir::model {

constexpr std::string_view kGoogleScope = "https://www.googleapis.com/auth/cloud-platform";

struct GoogleCredentials {
  std::unique_ptr<TokenSource> tokens;
  std::string project;        // that of the key, when it names one; empty: unknown
  std::string quota_project;  // for x-goog-user-project; empty: none
};

// The first that is there:
//   GOOGLE_APPLICATION_CREDENTIALS, a file with a service account's key or a user's refresh token
//   gcloud's own file of that kind, in CLOUDSDK_CONFIG or ~/.config/gcloud
//   the metadata server (GCE_METADATA_HOST, or metadata.google.internal)
// Asks nobody yet. unavailable or invalid_request: what is configured cannot work; the error names it.
Result<GoogleCredentials> make_google_credentials(const CredentialParts& parts);

// What a service account shows for a token (RFC 7523 §2.1): a JWT for `audience`, good for one hour. Pure.
Result<std::string> service_account_assertion(std::string_view email, std::string_view key_id,
                                              const net::RsaKey& key, std::string_view audience,
                                              WallTime now);

}  // namespace weir::model
