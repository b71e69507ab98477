// model/providers/provider.h: one company that serves models: how a call becomes a request to it, and
// what its answers mean.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/call.h"
#include "net/http_client.h"

namespace weir::model {

enum class Verdict : std::uint8_t {
  ok,     // 2xx
  retry,  // the same request may succeed later
  final,  // it will not
};

// Immutable: any thread may ask.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string_view name() const = 0;  // in the ledger, metrics, health and logs
  virtual const net::Origin& origin() const = 0;
  // Its body views into `call`.
  virtual net::ClientRequest request(const UpstreamCall& call) const = 0;
  virtual Verdict classify(int status, const net::Headers& headers) const = 0;
  // Of an error that comes as an event inside a 200 answer.
  virtual Verdict classify_error(std::string_view error_type) const = 0;
  // The provider's own id of the request; empty: none.
  virtual std::string_view request_id(const net::Headers& headers) const = 0;
};

}  // namespace weir::model
