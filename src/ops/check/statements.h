// ops/check/statements.h: what people say about a deployment: risks that they accept, and what they attest
// because no request could show it. A JSON file:
//   {"accepted": [{"id": "WEIR-CORS-003", "reason": "…", "expires": "2027-01-31"}],
//    "attested": [{"id": "WEIR-DR-001", "by": "A. Silva", "statement": "…", "on": "2026-11-01",
//                  "expires": "2027-02-01"}]}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ops/check/finding.h"

namespace weir::ops::check {

struct Attestation {
  std::string id;
  std::string by;
  std::string statement;
  WallTime on{};
  WallTime expires{};
};

struct Statements {
  std::vector<Acceptance> accepted;
  std::vector<Attestation> attested;

  const Attestation* attestation_of(std::string_view id) const;
};

// invalid_request: no JSON, a member that is missing or unknown, a date that is none, or an id that is no
// rule's (`ids`).
Result<Statements> parse_statements(std::string_view text, const std::vector<std::string_view>& ids);

}  // namespace weir::ops::check
