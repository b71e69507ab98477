#include "model/providers/claude_name.h"

#include <algorithm>

namespace weir::model {
namespace {

constexpr std::string_view kVendor = "anthropic.";

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "-v1" or "-v1:0" at the end, as Bedrock versions its ids; the size of `name` without it.
std::size_t size_without_version(std::string_view name) {
  const std::size_t at = name.rfind("-v");
  if (at == std::string_view::npos) return name.size();
  const std::string_view version = name.substr(at + 2);
  const std::size_t colon = std::min(version.find(':'), version.size());
  const bool has_revision = colon < version.size();
  const bool is_version =
      is_number(version.substr(0, colon)) && (!has_revision || is_number(version.substr(colon + 1)));
  return is_version ? at : name.size();
}

}  // namespace

std::string claude_name(std::string_view id) {
  std::string_view name = id;
  if (name.starts_with("arn:")) name.remove_prefix(std::min(name.rfind('/') + 1, name.size()));
  // "anthropic.", or behind a geography: "us.anthropic."
  const std::size_t vendor = name.find(kVendor);
  const bool is_bedrock = vendor != std::string_view::npos && (vendor == 0 || name[vendor - 1] == '.') &&
                          name.substr(vendor + kVendor.size()).starts_with("claude-");
  if (is_bedrock) {
    name.remove_prefix(vendor + kVendor.size());
    return std::string(name.substr(0, size_without_version(name)));
  }
  const std::size_t at = id.find('@');
  if (!id.starts_with("claude-") || at == std::string_view::npos) return std::string(id);
  const std::string_view version = id.substr(at + 1);
  if (version == "default") return std::string(id.substr(0, at));
  return is_number(version) ? std::string(id.substr(0, at)) + "-" + std::string(version) : std::string(id);
}

}  // namespace weir::model
