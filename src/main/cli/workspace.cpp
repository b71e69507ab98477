#include "main/cli/workspace.h"

namespace weir::main {
namespace {

constexpr std::size_t kParserThreads = 1;  // a command adds one document after the other
constexpr std::size_t kParserQueue = 8;

}  // namespace

Result<std::unique_ptr<Workspace>> Workspace::open(const Config& config) {
  auto database = data::Database::open({.directory = config.data_dir});
  if (!database) return fail(database);
  std::unique_ptr<Workspace> out(new Workspace(config, *std::move(database)));
  auto keys = data::SqliteKeys::open({}, *out->database_, out->clock_, out->random_);
  if (!keys) return fail(keys);
  out->keys_ = *std::move(keys);
  return out;
}

Workspace::Workspace(const Config& config, std::unique_ptr<data::Database> database)
    : log_({.level = observe::Level::warn}, clock_),
      database_(std::move(database)),
      documents_({}, *database_),
      parsers_("parsers", kParserThreads, kParserQueue),
      web_(net::guarded_client(config.client, app::address_rule(config.url_fetch), parsers_, log_, metrics_)),
      urls_(config.url_fetch, *web_),
      reader_(config.parse, clock_),
      library_(config.library, documents_, reader_, parsers_, clock_, random_) {}

}  // namespace weir::main
