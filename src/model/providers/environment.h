// model/providers/environment.h: the variables and small files in which a machine or a cluster hands
// credentials to its programs; an interface, so that tests bring their own.
#pragma once

#include <optional>
#include <span>
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

// The variables that hold secrets of the clouds: what must not stand in a log.
std::span<const std::string_view> cloud_secret_variables();

// `inner`, in which each of cloud_secret_variables() may also be the content of the file that NAME_FILE
// names, without the line's end.
class SecretFileEnvironment final : public Environment {
 public:
  explicit SecretFileEnvironment(const Environment& inner) : inner_(inner) {}
  // A file that cannot be read counts as unset; check() tells.
  std::optional<std::string> variable(std::string_view name) const override;
  Result<std::string> read_file(const std::string& path) const override { return inner_.read_file(path); }
  // invalid_request: a NAME_FILE cannot be read, or NAME is set as well.
  Result<> check() const;

 private:
  const Environment& inner_;
};

}  // namespace weir::model
