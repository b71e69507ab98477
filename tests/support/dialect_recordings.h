// dialect_recordings.h: recorded exchanges with the providers, for tests of what translates between them.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace weir::testing {

struct Exchange {
  std::string name;
  json::value request;   // null where only the answer was recorded
  json::value response;  // status, and sse_text or body

  // The request's path ends with it, leaving aside a query.
  bool asks(std::string_view path) const {
    const std::string_view asked = string_member(request, "path");
    return asked.substr(0, asked.find('?')).ends_with(path);
  }
};

// Empty, with a message, where the recordings are not there.
inline std::vector<Exchange> recorded_exchanges(const char* provider) {
  const char* shared = std::getenv("WEIR_SHARED");
  const std::filesystem::path root = shared != nullptr ? shared : std::string(WEIR_SOURCE_DIR) + "/../shared";
  const std::filesystem::path folder = root / "recordings" / provider;
  std::vector<Exchange> exchanges;
  if (!std::filesystem::is_directory(folder)) {
    MESSAGE("skipped: no recordings in " << folder.string() << "; WEIR_SHARED names their folder");
    return exchanges;
  }
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream stream(file.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    const json::value exchange = json::parse(text, {}, {.max_depth = 256});
    exchanges.push_back({file.path().filename().string(), exchange.at("request"), exchange.at("response")});
  }
  return exchanges;
}

}  // namespace weir::testing
