// weir ingest: files into the data directory's library.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "main/cli/await.h"
#include "main/cli/commands.h"
#include "main/cli/progress.h"
#include "main/cli/workspace.h"

namespace weir::main {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 1'000'000;  // of one command
constexpr Flag kFlags[] = {kDataFlag, kConfigFlag, kJsonFlag};

constexpr std::string_view kHelp =
    R"(Reads files, and every file below the directories that are named, into the library
that answers are drawn from. What is there already and has not changed is left alone;
a changed file replaces its former version. Hidden files and those of an unsupported
kind are passed over. No server need run, and one may.

Examples:
  weir ingest docs README.md
  weir ingest --data /var/lib/weir /srv/handbook
)";

struct File {
  fs::path path;
  bool named = false;  // on the command line itself: then it may not be passed over
};

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

// The regular files below a directory, in a stable order. Symbolic links are not followed.
Result<> append_files_below(const fs::path& directory, std::vector<File>& files) {
  std::error_code ec;
  fs::recursive_directory_iterator at(directory, fs::directory_options::skip_permission_denied, ec);
  const std::size_t first = files.size();
  for (; !ec && at != fs::recursive_directory_iterator(); at.increment(ec)) {
    if (is_hidden(at->path())) {
      if (at->is_directory(ec)) at.disable_recursion_pending();
      continue;
    }
    if (at->is_regular_file(ec) && !at->is_symlink(ec)) files.push_back({at->path()});
    if (files.size() > kFilesMax)
      return fail(Code::too_large, "more than a million files; name fewer at a time");
  }
  if (ec) return fail(Code::invalid_request, "cannot read " + directory.string() + ": " + ec.message());
  std::ranges::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end(), {}, &File::path);
  return {};
}

Result<std::vector<File>> find_files(const std::vector<std::string>& paths) {
  std::vector<File> files;
  for (const fs::path path : paths) {
    std::error_code ec;
    const auto status = fs::status(path, ec);
    if (fs::is_directory(status)) {
      if (auto good = append_files_below(path, files); !good) return fail(good);
    } else if (fs::is_regular_file(status)) {
      files.push_back({path, true});
    } else {
      return fail(Code::invalid_request,
                  path.string() + (fs::exists(status) ? " is no file" : " does not exist"));
    }
  }
  return files;
}

Result<std::string> read_file(const fs::path& path, std::size_t size_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Code::invalid_request, "it cannot be opened");
  std::error_code ec;
  const auto size = fs::file_size(path, ec);
  if (ec) return fail(Code::invalid_request, ec.message());
  if (size > size_max) {
    return fail(Code::too_large, "it has " + std::to_string(size) + " bytes, and a document at most " +
                                     std::to_string(size_max) + " (edge.document_body_size_max)");
  }
  std::string bytes(size, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

struct Counts {
  std::size_t created = 0, updated = 0, unchanged = 0, skipped = 0, failed = 0;

  void count(app::AddOutcome outcome) {
    switch (outcome) {
      case app::AddOutcome::created: ++created; break;
      case app::AddOutcome::updated: ++updated; break;
      case app::AddOutcome::unchanged: ++unchanged; break;
    }
  }
  json::value to_json_value() const {
    return {{"created", created},
            {"updated", updated},
            {"unchanged", unchanged},
            {"skipped", skipped},
            {"failed", failed}};
  }
  std::string to_string() const {
    return std::to_string(created) + " added, " + std::to_string(updated) + " updated, " +
           std::to_string(unchanged) + " unchanged, " + std::to_string(skipped) + " skipped, " +
           std::to_string(failed) + " failed";
  }
};

Result<app::Added> add_file(Workspace& workspace, observe::Log& log, const fs::path& path,
                            std::size_t size_max) {
  auto bytes = read_file(path, size_max);
  if (!bytes) return fail(bytes);
  app::DocumentInput input{.bytes = *std::move(bytes), .source = path.lexically_normal().generic_string()};
  const std::function<Task<Result<app::Added>>()> work = [&] {
    return workspace.library().add(data::default_tenant(), std::move(input));
  };
  return await(log, work);
}

int run(const Arguments& arguments, World& world) {
  const auto loaded = load_for(arguments, world);
  if (!loaded) return report(world, loaded.error());
  const auto files = find_files(arguments.positionals);
  if (!files) return report(world, files.error());
  const auto workspace = Workspace::open(loaded->config);
  if (!workspace) return report(world, workspace.error());
  observe::Log log({.level = observe::Level::warn}, (*workspace)->clock());

  Counts counts;
  Progress progress(world.err, world.err_is_terminal, files->size());
  for (const File& file : *files) {
    progress.show(file.path.generic_string());
    const auto added = add_file(**workspace, log, file.path, loaded->config.library.document_size_max);
    if (added) {
      counts.count(added->outcome);
      continue;
    }
    const bool skipped = !file.named && added.error().code == Code::unsupported_media_type;
    ++(skipped ? counts.skipped : counts.failed);
    const Error& why = added.error();
    const bool tells_more = !skipped && !why.hint.empty();
    progress.note((skipped ? "skipped " : "failed ") + file.path.generic_string() + ": " + why.message +
                  (tells_more ? " (" + why.hint + ")" : ""));
  }
  progress.finish();
  if (files->empty()) world.err << "there are no files in what was named\n";
  if (arguments.has("--json")) world.out << to_json(counts.to_json_value()) << '\n';
  world.err << counts.to_string() << '\n';
  return counts.failed == 0 ? kExitOk : kExitFailed;
}

}  // namespace

const Command kIngestCommand = {"ingest", "read files into the library", "PATH…", 1, kFilesMax, kFlags, kHelp,
                                run};

}  // namespace weir::main
