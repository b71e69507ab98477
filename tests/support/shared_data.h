// tests/support/shared_data.h: the data that tests share but the tree does not hold (recordings, vectors).
// WEIR_SHARED names its folder; without it, "shared" beside the checkout.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/json.h"

namespace weir::test {

inline std::filesystem::path shared_data() {
  const char* shared = std::getenv("WEIR_SHARED");
  return shared != nullptr ? std::filesystem::path(shared)
                           : std::filesystem::path(WEIR_SOURCE_DIR) / ".." / "shared";
}

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Recording {
  std::string name;
  json::value exchange;  // null when the file is no JSON, which the test notices
};

// Every exchange recorded with a provider, sorted by name. Empty when the recordings are not here.
inline std::vector<Recording> recordings(const std::string& provider) {
  const auto folder = shared_data() / "recordings" / provider;
  std::vector<Recording> out;
  if (!std::filesystem::is_directory(folder)) return out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    auto parsed = parse_json(file_text(entry.path()), 256);
    out.push_back({entry.path().filename().string(), parsed ? *std::move(parsed) : json::value()});
  }
  std::ranges::sort(out, {}, &Recording::name);
  return out;
}

}  // namespace weir::test
