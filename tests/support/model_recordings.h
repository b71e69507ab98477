// tests/support/model_recordings.h: recorded exchanges with providers, where WEIR_SHARED has them.
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

namespace weir::model {

struct Recording {
  std::string file;
  std::string path;  // of the request, without its query
  json::value request, response;
};

inline std::filesystem::path recordings_folder(std::string_view provider) {
  const char* shared = std::getenv("WEIR_SHARED");
  const std::filesystem::path root = shared != nullptr ? shared : std::string(WEIR_SOURCE_DIR) + "/../shared";
  return root / "recordings" / provider;
}

// Empty, with a message, where there are none.
inline std::vector<Recording> recordings(std::string_view provider) {
  std::vector<Recording> out;
  const std::filesystem::path folder = recordings_folder(provider);
  if (!std::filesystem::is_directory(folder)) {
    MESSAGE("skipped: no recordings in " << folder.string() << "; WEIR_SHARED names their folder");
    return out;
  }
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream stream(file.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    json::value exchange = json::parse(text, {}, {.max_depth = 256});
    std::string path(string_member(exchange.at("request"), "path"));
    out.push_back({file.path().filename().string(), path.substr(0, path.find('?')), exchange.at("request"),
                   exchange.at("response")});
  }
  return out;
}

}  // namespace weir::model
