// edge/recording_config.h: which exchanges of a running server are recorded (recording.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::edge {

// Each list that is not empty must hold what fits; an exchange is chosen when all do.
struct RecordingConfig {
  std::vector<std::string> paths{"/v1/*", "/model/*"};  // globs over the path
  std::vector<std::string> keys;                        // ids of Weir's keys
  std::vector<std::string> headers;                     // "name: glob"
  std::vector<std::string> models;                      // globs over what the caller named
  std::uint32_t one_in = 1;                             // of the chosen, at random
  std::size_t exchange_size_max = 4 * 1024 * 1024;      // request and answer; larger ones are not kept
};

}  // namespace weir::edge
