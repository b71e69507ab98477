// model/providers/aws/key_readers.h: the three forms in which AWS hands out keys: a section of a file, JSON,
// and XML. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "model/providers/token_source.h"

namespace weir::model {

// The keys of one profile in a credentials file. unavailable: no such profile, or no keys in it; the error
// names file and profile.
Result<Token> profile_keys(std::string_view file, const std::string& path, std::string_view profile);
// {"AccessKeyId","SecretAccessKey","Token","Expiration"} of the metadata services.
Result<Token> metadata_keys(std::string_view body, std::string_view issuer);
// The answer of AssumeRoleWithWebIdentity, in XML.
Result<Token> sts_keys(std::string_view body);

}  // namespace weir::model
