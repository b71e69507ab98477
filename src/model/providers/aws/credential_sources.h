// model/providers/aws/credential_sources.h: the sources of AWS keys that have to be asked, one by one.
// make_aws_credentials chooses among them.
#pragma once

#include <memory>

#include "base/error.h"
#include "model/providers/credential_parts.h"
#include "model/providers/token_source.h"

namespace weir::model {

// AssumeRoleWithWebIdentity at AWS_ENDPOINT_URL_STS or the region's STS. The token file is read each time:
// Kubernetes renews it.
Result<std::unique_ptr<TokenFetcher>> make_web_identity(const CredentialParts& parts);

// The keys of AWS_PROFILE, as they are in the file now.
Result<Token> shared_file_keys(const Environment& environment);
// The same, read again every 15 minutes.
std::unique_ptr<TokenFetcher> make_shared_file(const CredentialParts& parts);

// The agent beside a container. Keys come in clear text, so that plain HTTP goes only to this machine and to
// the addresses that AWS gives its agents.
Result<std::unique_ptr<TokenFetcher>> make_container_credentials(const CredentialParts& parts);

// EC2's metadata service, version 2: a session token, the role's name, the role's keys.
Result<std::unique_ptr<TokenFetcher>> make_instance_credentials(const CredentialParts& parts);

}  // namespace weir::model
