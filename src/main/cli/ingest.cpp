// weir ingest: files and web pages into the data directory's library.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "main/cli/await.h"
#include "main/cli/commands.h"
#include "main/cli/progress.h"
#include "main/cli/workspace.h"

namespace weir::main {
namespace {

namespace fs = std::filesystem;

constexpr int kExitInterrupted = 130;         // as shells report SIGINT
constexpr std::size_t kFilesMax = 1'000'000;  // of one command
constexpr Flag kFlags[] = {kDataFlag, kConfigFlag, kJsonFlag};

constexpr std::string_view kHelp =
    R"(Reads files, every file below the directories that are named, and pages whose URLs are
named, into the library that answers are drawn from. What is there already and has not changed is left alone;
a changed file replaces its former version. Hidden files and those of an unsupported
kind are passed over. No server need run, and one may. Ctrl-C stops after the file
that is being read; the same command goes on from there.

Examples:
  weir ingest docs README.md
  weir ingest --data /var/lib/weir /srv/handbook
  weir ingest https://example.com/handbook.pdf
)";

struct File {
  fs::path path;       // or a URL
  bool named = false;  // on the command line itself: then it may not be passed over
};

bool is_url(std::string_view text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

// Whether Ctrl-C was pressed. Held back while this lives, so that it is met between two documents and not
// within one; made before any thread, which all inherit that.
class Interrupt {
 public:
  Interrupt() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  bool came() const {
    const timespec at_once{};
    return ::sigtimedwait(&signals_, nullptr, &at_once) > 0;
  }

 private:
  sigset_t signals_{}, before_{};
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
    if (is_url(path.string())) {
      files.push_back({path, true});
      continue;
    }
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

Task<Result<app::Added>> add_page(Workspace& workspace, std::string url) {
  auto fetched = co_await workspace.urls().fetch(url);
  if (!fetched) co_return fail(fetched);
  app::DocumentInput input{.bytes = std::move(fetched->bytes),
                           .media_type = std::move(fetched->media_type),
                           .source = std::move(url)};
  co_return co_await workspace.library().add(data::default_tenant(), std::move(input));
}

Result<app::Added> add_file(Workspace& workspace, observe::Log& log, const fs::path& path,
                            std::size_t size_max) {
  std::function<Task<Result<app::Added>>()> work;
  if (is_url(path.string())) {
    work = [&] { return add_page(workspace, path.string()); };
    return await(log, work);
  }
  auto bytes = read_file(path, size_max);
  if (!bytes) return fail(bytes);
  app::DocumentInput input{.bytes = *std::move(bytes), .source = path.lexically_normal().generic_string()};
  work = [&] { return workspace.library().add(data::default_tenant(), std::move(input)); };
  return await(log, work);
}

int run(const Arguments& arguments, World& world) {
  const auto loaded = load_for(arguments, world);
  if (!loaded) return report(world, loaded.error());
  const auto files = find_files(arguments.positionals);
  if (!files) return report(world, files.error());
  const Interrupt interrupt;
  const auto workspace = Workspace::open(loaded->config);
  if (!workspace) return report(world, workspace.error());
  observe::Log log({.level = observe::Level::warn}, (*workspace)->clock());

  Counts counts;
  Progress progress(world.err, world.err_is_terminal, files->size(), (*workspace)->clock());
  bool stopped = false;
  for (const File& file : *files) {
    stopped = interrupt.came();
    if (stopped) break;
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
  world.err << counts.to_string() << " in " << to_duration(progress.elapsed()) << '\n';
  if (stopped) {
    world.err << "stopped; the same command goes on with the rest\n";
    return kExitInterrupted;
  }
  return counts.failed == 0 ? kExitOk : kExitFailed;
}

}  // namespace

const Command kIngestCommand = {"ingest", "read files into the library", "PATH…", 1, kFilesMax, kFlags, kHelp,
                                run};

}  // namespace weir::main
