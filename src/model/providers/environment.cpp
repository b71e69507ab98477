#include "model/providers/environment.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace weir::model {

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

}  // namespace weir::model
