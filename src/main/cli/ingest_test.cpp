#include <doctest/doctest.h>

#include <sstream>

#include "main/cli/commands.h"
#include "main_temporary_directory.h"
#include "parse_child_hook.h"

using namespace weir;
using namespace weir::main;

namespace {

struct Ingest {
  TemporaryDirectory directory;
  std::string out, err;

  int operator()(std::vector<std::string> words) {
    std::ostringstream to_out, to_err;
    World world{.out = to_out, .err = to_err, .environment = {{"WEIR_DATA", directory.path() + "/data"}}};
    words.insert(words.begin(), {"ingest", "--json"});
    const int code = run_command_line(words, world);
    out = to_out.str();
    err = to_err.str();
    return code;
  }
};

}  // namespace

TEST_CASE("a directory is read through; hidden and unsupported files are passed over") {
  Ingest ingest;
  ingest.directory.write("pages/a.md", "# Parking\n\nVisitors park on level 3.\n");
  ingest.directory.write("pages/deep/b.html", "<h1>Canteen</h1><p>Lunch is served from 11:30.</p>");
  ingest.directory.write("pages/c.bin", std::string("\0\1\xFF", 3));
  ingest.directory.write("pages/.hidden.md", "no");
  ingest.directory.write("pages/.git/d.md", "no");
  const std::string pages = ingest.directory.path() + "/pages";
  CHECK(ingest({pages}) == kExitOk);
  CHECK(ingest.out == R"({"created":2,"updated":0,"unchanged":0,"skipped":1,"failed":0})"
                      "\n");
  CHECK(ingest.err.find("skipped " + pages + "/c.bin: ") != std::string::npos);
  CHECK(ingest.err.contains("2 added, 0 updated, 0 unchanged, 1 skipped, 0 failed in "));

  ingest.directory.write("pages/a.md", "# Parking\n\nVisitors park on level 4.\n");
  CHECK(ingest({pages}) == kExitOk);
  CHECK(ingest.out == R"({"created":0,"updated":1,"unchanged":1,"skipped":1,"failed":0})"
                      "\n");
}

TEST_CASE("a file that is named and cannot be read fails the command, not the others") {
  Ingest ingest;
  const std::string good = ingest.directory.write("a.md", "# A\n\nText.\n");
  const std::string bad = ingest.directory.write("c.bin", std::string("\0\1\xFF", 3));
  CHECK(ingest({bad, good}) == kExitFailed);
  CHECK(ingest.out == R"({"created":1,"updated":0,"unchanged":0,"skipped":0,"failed":1})"
                      "\n");
  CHECK(ingest({ingest.directory.path() + "/none"}) == kExitFailed);
  CHECK(ingest.err.find("/none does not exist") != std::string::npos);
}
