// base/secret.h: a value that must not reach a log, an error, a dump or a page. It has no operator<<,
// no comparison and no conversion: reveal() is the one way out, and easy to search for.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace weir {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  bool empty() const { return value_.empty(); }
  std::string_view reveal() const { return value_; }

 private:
  std::string value_;
};

}  // namespace weir
