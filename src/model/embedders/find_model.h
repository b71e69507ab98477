// model/embedders/find_model.h: where a model directory is looked for.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace weir::model {

inline constexpr std::string_view kUsualModel = "all-MiniLM-L6-v2";

// In this order: `named` alone when it is given; DATA_DIR/models/all-MiniLM-L6-v2;
// BINARY_DIR/../models/…; BINARY_DIR/../share/weir/models/…; /usr/share/weir/models/….
std::vector<std::filesystem::path> model_places(const std::string& named,
                                                const std::filesystem::path& data_dir);

// The first of the places that has a config.json; empty when none has.
std::filesystem::path find_model(const std::string& named, const std::filesystem::path& data_dir);

}  // namespace weir::model
