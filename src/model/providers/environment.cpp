#include "model/providers/environment.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "base/text.h"

namespace weir::model {
namespace {

constexpr std::array<std::string_view, 7> kSecrets{
    "ANTHROPIC_AWS_API_KEY", "ANTHROPIC_FOUNDRY_API_KEY", "AWS_ACCESS_KEY_ID",  "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",         "AZURE_CLIENT_SECRET"};

std::string file_variable(std::string_view name) {
  return std::string(name) + "_FILE";
}

}  // namespace

std::string Environment::variable_or(std::string_view name, std::string_view otherwise) const {
  auto value = variable(name);
  return value ? *std::move(value) : std::string(otherwise);
}

std::optional<std::string> ProcessEnvironment::variable(std::string_view name) const {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

Result<std::string> ProcessEnvironment::read_file(const std::string& path) const {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kCredentialFileSizeMax + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file && !file.eof()) {
    const int problem = errno;
    return fail(problem == ENOENT ? Code::not_found : Code::invalid_request,
                "the file " + path + " cannot be read: " + std::strerror(problem),
                "check that it exists and that the user who runs Weir may read it");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kCredentialFileSizeMax) {
    return fail(Code::too_large,
                "the file " + path + " is larger than " + std::to_string(kCredentialFileSizeMax) + " bytes",
                "name a file of credentials");
  }
  return text;
}

std::span<const std::string_view> cloud_secret_variables() {
  return kSecrets;
}

std::optional<std::string> SecretFileEnvironment::variable(std::string_view name) const {
  auto value = inner_.variable(name);
  if (value || std::ranges::find(kSecrets, name) == kSecrets.end()) return value;
  const auto path = inner_.variable(file_variable(name));
  if (!path) return std::nullopt;
  const auto content = inner_.read_file(*path);
  if (!content || trim(*content).empty()) return std::nullopt;
  return std::string(trim(*content));
}

Result<> SecretFileEnvironment::check() const {
  for (const std::string_view name : kSecrets) {
    const std::string file = file_variable(name);
    const auto path = inner_.variable(file);
    if (!path) continue;
    if (inner_.variable(name)) {
      return fail(Code::invalid_request, std::string(name) + " and " + file + " are both set",
                  "unset one of them");
    }
    const auto content = inner_.read_file(*path);
    if (!content)
      return fail(Code::invalid_request, file + ": " + content.error().message, content.error().hint);
    if (trim(*content).empty())
      return fail(Code::invalid_request, file + ": the file " + *path + " is empty",
                  "write the secret there");
  }
  return {};
}

}  // namespace weir::model
