// model/providers/environment.h: the variables and small files in which a machine or a cluster hands
// credentials to its programs; an interface, so that tests bring their own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::model {

constexpr std::size_t kCredentialFileSizeMax = 256 * 1024;

// Safe to use from any thread.
class Environment {
 public:
  virtual ~Environment() = default;
  // Empty counts as unset: that is what the SDKs of the clouds make of it.
  virtual std::optional<std::string> variable(std::string_view name) const = 0;
  // Blocks for as long as the disk takes; for small files that are read at start or once in a token's life.
  // not_found; too_large over kCredentialFileSizeMax; invalid_request: it cannot be read. Each names the
  // path.
  virtual Result<std::string> read_file(const std::string& path) const = 0;

  std::string variable_or(std::string_view name, std::string_view otherwise) const;
};

class ProcessEnvironment final : public Environment {
 public:
  std::optional<std::string> variable(std::string_view name) const override;
  Result<std::string> read_file(const std::string& path) const override;
};

}  // namespace weir::model
