// edge/policies/keys.h: who calls, and whether their key may do this.
#pragma once

#include "edge/policies/admission.h"

namespace weir::edge {

// The key comes in `x-api-key` or as `Authorization: Bearer`, never in the URL, which ends in logs.
// Bedrock's clients may sign instead (signatures.h).
// Some clients send it in both; either counts. Without any configured key everybody is "anonymous".
Result<> check_key(Exchange& exchange, Admission& admission);

// By data::kKeyScopes: an empty list of scopes lacks "admin", and "metrics" unless the key is the operator's.
bool has_scope(const data::Principal& principal, std::string_view scope);

}  // namespace weir::edge
