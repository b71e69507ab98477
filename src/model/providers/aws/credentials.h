// model/providers/aws/credentials.h: where the keys come from with which AWS requests are signed. The
// sources and their order are those of the AWS SDKs (botocore's credentials.py), without SSO and processes.
#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "model/providers/credential_parts.h"
#include "model/providers/token_source.h"

namespace weir::model {

// The first that is configured, tried in this order:
//   the API key in one of `key_variables` (AWS_BEARER_TOKEN_BEDROCK…), sent as Bearer
//   AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
//   AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN: AssumeRoleWithWebIdentity
//   AWS_PROFILE, or its default, in AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials
//   AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI (ECS, EKS Pod Identity)
//   EC2's instance metadata service, unless AWS_EC2_METADATA_DISABLED
// Asks nobody yet. unavailable or invalid_request: what is configured cannot work; the error names it.
Result<std::unique_ptr<TokenSource>> make_aws_credentials(
    const CredentialParts& parts, std::initializer_list<std::string_view> key_variables);

}  // namespace weir::model
