// model/providers/credential_parts.h: what every source of a cloud's credentials is made with.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "model/providers/environment.h"
#include "net/http_client.h"

namespace weir::model {

// All outlive what is made with them.
struct CredentialParts {
  net::HttpClient& client;
  const Environment& environment;
  const Clock& clock;
  Random& random;
};

}  // namespace weir::model
