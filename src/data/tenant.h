// data/tenant.h: whose data it is. Every store takes a tenant as its first argument: it is an
// address, not a filter, so that no query can forget it.
#pragma once

#include <string>
#include <utility>

namespace weir::data {

class TenantId {
 public:
  explicit TenantId(std::string value) : value_(std::move(value)) {}
  const std::string& value() const { return value_; }
  friend auto operator<=>(const TenantId&, const TenantId&) = default;

 private:
  std::string value_;
};

// The tenant of callers without a key (loopback) and of static keys: one application, one owner.
inline TenantId default_tenant() { return TenantId("default"); }

}  // namespace weir::data
