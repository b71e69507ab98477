#include "model/embedders/find_model.h"

#include <system_error>

namespace weir::model {

namespace fs = std::filesystem;

std::vector<fs::path> model_places(const std::string& named, const fs::path& data_dir) {
  if (!named.empty()) return {named};
  std::vector<fs::path> places{data_dir / "models" / kUsualModel};
  std::error_code unreadable;
  const fs::path binary = fs::read_symlink("/proc/self/exe", unreadable);
  if (!unreadable) {
    const fs::path above = binary.parent_path().parent_path();
    places.push_back(above / "models" / kUsualModel);
    places.push_back(above / "share" / "weir" / "models" / kUsualModel);
  }
  places.push_back(fs::path("/usr/share/weir/models") / kUsualModel);
  return places;
}

fs::path find_model(const std::string& named, const fs::path& data_dir) {
  for (const fs::path& place : model_places(named, data_dir)) {
    std::error_code unreadable;
    if (fs::is_regular_file(place / "config.json", unreadable)) return place;
  }
  return {};
}

}  // namespace weir::model
