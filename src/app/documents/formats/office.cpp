#include "app/documents/formats/office.h"

#include <vector>

#include "app/documents/formats/xml.h"
#include "base/text.h"

namespace weir::app {
namespace {

// "../media/a" from "ppt/slides/" is "ppt/media/a"; a leading slash starts at the archive's root.
std::string resolve(std::string_view folder, std::string_view target) {
  std::vector<std::string_view> steps;
  if (!target.starts_with('/')) steps = split(folder, '/');
  for (const std::string_view step : split(target, '/')) {
    if (step == ".." && !steps.empty()) {
      steps.pop_back();
    } else if (!step.empty() && step != "." && step != "..") {
      steps.push_back(step);
    }
  }
  std::string path;
  for (const std::string_view step : steps) {
    if (!path.empty()) path += '/';
    path += step;
  }
  return path;
}

class Relationships : public XmlHandler {
 public:
  explicit Relationships(std::string_view folder) : folder_(folder) {}
  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name != "Relationship" || attributes.get("TargetMode") == "External") return;
    targets[std::string(attributes.get("Id"))] = resolve(folder_, attributes.get("Target"));
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}

  std::map<std::string, std::string> targets;

 private:
  std::string_view folder_;
};

class Title : public XmlHandler {
 public:
  void start(std::string_view name, const XmlAttributes&) override { inside_ = name == "title"; }
  void end(std::string_view) override { inside_ = false; }
  void text(std::string_view piece) override {
    if (inside_ && title.size() < kHeadingPathChars) title += piece;
  }

  std::string title;

 private:
  bool inside_ = false;
};

}  // namespace

Result<std::map<std::string, std::string>> read_relationships(ZipArchive& archive, const std::string& part) {
  const auto slash = part.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "" : part.substr(0, slash);
  const std::string name = part.substr(slash + 1);
  const std::string path = (folder.empty() ? "" : folder + "/") + "_rels/" + name + ".rels";
  Relationships relationships(folder);
  if (archive.has(path)) {
    auto parsed = parse_xml_member(archive, path, relationships);
    if (!parsed) return fail(parsed);
  }
  return std::move(relationships.targets);
}

std::string title_property(ZipArchive& archive) {
  Title title;
  if (!archive.has("docProps/core.xml")) return {};
  return parse_xml_member(archive, "docProps/core.xml", title) ? title.title : std::string();
}

}  // namespace weir::app
