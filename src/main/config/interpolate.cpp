#include "main/config/interpolate.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace weir::main {
namespace {

Result<std::string> resolve(std::string_view reference, const Environment& environment) {
  if (reference.starts_with("file:")) return read_value_file(std::string(reference.substr(5)));
  const auto separator = reference.find(":-");
  const std::string_view name = reference.substr(0, separator);
  const auto found = environment.find(name);
  if (separator != std::string_view::npos) {
    const bool is_set = found != environment.end() && !found->second.empty();
    return is_set ? found->second : std::string(reference.substr(separator + 2));
  }
  if (found == environment.end()) {
    return fail(Code::invalid_request, "the environment variable " + std::string(name) + " is not set",
                "set it, or give a default: ${" + std::string(name) + ":-default}");
  }
  return found->second;
}

}  // namespace

Result<std::string> interpolate(std::string_view text, const Environment& environment) {
  std::string out;
  while (true) {
    const auto at = text.find("${");
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 2);
    if (out.ends_with('$')) {  // "$${"
      out += '{';
      continue;
    }
    const auto end = text.find('}');
    if (end == std::string_view::npos) {
      return fail(Code::invalid_request, "\"${\" has no closing \"}\"", "write $${ for a literal ${");
    }
    auto value = resolve(text.substr(0, end), environment);
    if (!value) return fail(value);
    out += *value;
    text.remove_prefix(end + 1);
  }
}

Result<std::string> read_small_file(const std::string& path) {
  const auto broken = [&](const std::string& why) {
    return fail(Code::invalid_request, "cannot read " + path + ": " + why);
  };
  std::error_code ec;
  if (std::filesystem::is_directory(path, ec)) return broken("it is a directory");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return broken(errno != 0 ? std::strerror(errno) : "it cannot be opened");
  std::string text(kReferencedFileMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kReferencedFileMax) return broken("it is larger than 1 MiB");
  return text;
}

Result<std::string> read_value_file(const std::string& path) {
  auto text = read_small_file(path);
  if (text && text->ends_with('\n')) text->pop_back();
  if (text && text->ends_with('\r')) text->pop_back();
  return text;
}

}  // namespace weir::main
