// tests/support/fake_environment.h: variables and files as a test wants them.
#pragma once

#include <map>
#include <string>

#include "model/providers/environment.h"

namespace weir::model::fakes {

class FakeEnvironment final : public Environment {
 public:
  std::map<std::string, std::string, std::less<>> variables;
  std::map<std::string, std::string> files;

  std::optional<std::string> variable(std::string_view name) const override {
    const auto found = variables.find(name);
    if (found == variables.end() || found->second.empty()) return std::nullopt;
    return found->second;
  }
  Result<std::string> read_file(const std::string& path) const override {
    const auto found = files.find(path);
    if (found == files.end())
      return fail(Code::not_found, "the file " + path + " cannot be read", "check it");
    return found->second;
  }
};

}  // namespace weir::model::fakes
