#include "main/cli/commands.h"

#include <doctest/doctest.h>

#include <sstream>

#include "base/text.h"
#include "main/cli/printable.h"
#include "main/cli/progress.h"
#include "main_temporary_directory.h"

using namespace weir;
using namespace weir::main;

namespace {

struct Outcome {
  int code;
  std::string out, err;
};

class Shell {
 public:
  Shell() { environment["WEIR_DATA"] = directory.path() + "/data"; }

  Outcome run(std::vector<std::string> words) {
    std::ostringstream out, err;
    World world{.out = out, .err = err, .environment = environment, .serve = [this](const Config& config) {
                  served = config;
                  return 7;
                }};
    const int code = run_command_line(words, world);
    return {code, out.str(), err.str()};
  }

  const TemporaryDirectory directory;
  Environment environment;
  std::optional<Config> served;
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("help lists every command, on stdout when it was asked for") {
  Shell shell;
  for (const auto& words : {std::vector<std::string>{"help"}, {"--help"}, {"-h"}}) {
    const Outcome outcome = shell.run(words);
    CHECK(outcome.code == kExitOk);
    for (const char* name : {"serve", "ingest", "chat", "keys create", "config show", "version"}) {
      CHECK(contains(outcome.out, name));
    }
  }
  const Outcome bare = shell.run({});
  CHECK(bare.code == kExitUsage);
  CHECK(bare.out.empty());
  CHECK(contains(bare.err, "Usage: weir COMMAND"));
}

TEST_CASE("each command explains itself") {
  Shell shell;
  CHECK(shell.run({"help", "serve"}).out == shell.run({"serve", "--help"}).out);
  CHECK(contains(shell.run({"keys", "create", "-h"}).out, "--expires TIME"));
  CHECK(contains(shell.run({"help", "keys"}).out, "keys rotate"));
  CHECK(contains(shell.run({"keys", "--help"}).out, "keys rotate"));
  const Outcome wrong = shell.run({"help", "keys", "crate"});
  CHECK(wrong.code == kExitUsage);
  CHECK(contains(wrong.err, "did you mean \"keys create\"?"));
}

TEST_CASE("unknown commands and flags are usage errors with the nearest name") {
  Shell shell;
  const Outcome command = shell.run({"srve"});
  CHECK(command.code == kExitUsage);
  CHECK(contains(command.err, "unknown command \"srve\"\n      did you mean \"serve\"?"));
  const Outcome flag = shell.run({"serve", "--lisen", "127.0.0.1:1"});
  CHECK(flag.code == kExitUsage);
  CHECK(contains(flag.err, "unknown flag --lisen\n      did you mean --listen?"));
  CHECK(contains(shell.run({"keys"}).err, "needs to know what to do"));
  CHECK(contains(shell.run({"kyes", "list"}).err, "did you mean \"keys"));
  CHECK(contains(shell.run({"config", "shwo"}).err,
                 "unknown command \"config shwo\"\n      did you mean \"config show\"?"));
}

TEST_CASE("flags take values in both spellings, once, and switches none") {
  Shell shell;
  CHECK(shell.run({"serve", "--listen", "127.0.0.1:81"}).code == 7);
  CHECK(shell.served->server.port == 81);
  CHECK(shell.run({"serve", "--listen=127.0.0.1:82"}).code == 7);
  CHECK(shell.served->server.port == 82);
  CHECK(contains(shell.run({"serve", "--listen"}).err, "--listen needs a value: --listen ADDR:PORT"));
  CHECK(contains(shell.run({"serve", "--data", "a", "--data", "b"}).err, "--data is given twice"));
  CHECK(contains(shell.run({"version", "--json=yes"}).err, "--json takes no value"));
  CHECK(contains(shell.run({"serve", "extra"}).err, "\"extra\" is one argument too many"));
  CHECK(contains(shell.run({"ingest"}).err, "PATH… is missing"));
}

TEST_CASE("a broken configuration stops `serve` with exit code 1") {
  Shell shell;
  const std::string file =
      shell.directory.write("weir.toml", "[server]\nlisten = \"127.0.0.1:0\"\n\n[chat]\nmodle = \"x\"\n");
  const Outcome outcome = shell.run({"serve", "--config", file});
  CHECK(outcome.code == kExitFailed);
  CHECK(outcome.err ==
        "weir: " + file + ":5:1: unknown key \"chat.modle\"\n      did you mean \"chat.model\"?\n");
  CHECK_FALSE(shell.served);
  CHECK(shell.run({"config", "validate", "--config", file}).code == kExitFailed);
}

TEST_CASE("config show hides secrets and names origins") {
  Shell shell;
  shell.environment["ANTHROPIC_API_KEY"] = "sk-secret";
  const Outcome outcome = shell.run({"config", "show", "--json"});
  CHECK(outcome.code == kExitOk);
  CHECK_FALSE(contains(outcome.out, "sk-secret"));
  CHECK(contains(outcome.out, R"-("value":"(set)","origin":"ANTHROPIC_API_KEY")-"));
}

TEST_CASE("version") {
  Shell shell;
  CHECK(shell.run({"version"}).out == "weir " WEIR_VERSION "\n");
  CHECK(shell.run({"--version"}).out == shell.run({"version"}).out);
}

TEST_CASE("keys are made, listed, rotated and revoked on the data directory") {
  Shell shell;
  const Outcome created =
      shell.run({"keys", "create", "--name", "web", "--scopes", "chat, documents", "--expires", "90d"});
  REQUIRE(created.code == kExitOk);
  REQUIRE(created.out.starts_with("weir_live_"));
  const std::string id(split(created.out, '_')[2]);
  const Outcome listed = shell.run({"keys", "list"});
  CHECK(listed.out.starts_with(id + "  live  expires 20"));
  CHECK(listed.out.ends_with("  chat,documents  web\n"));
  const Outcome rotated = shell.run({"keys", "rotate", id, "--overlap", "1h", "--json"});
  CHECK(rotated.out.starts_with("{\"token\":\"weir_live_" + id + "_"));
  CHECK(rotated.out.find(created.out.substr(0, created.out.size() - 1)) == std::string::npos);
  CHECK(shell.run({"keys", "revoke", id}).code == kExitOk);
  CHECK(contains(shell.run({"keys", "list", "--json"}).out, "\"state\":\"revoked\""));
  CHECK(shell.run({"keys", "revoke", "nosuchkey000"}).code == kExitFailed);
}

TEST_CASE("wrong values of the keys' flags are usage errors") {
  Shell shell;
  CHECK(contains(shell.run({"keys", "create"}).err, "--name is missing"));
  for (const std::string none : {"", ",", " , "}) {
    const Outcome empty = shell.run({"keys", "create", "--name", "x", "--scopes", none});
    CHECK(empty.code == kExitUsage);
    CHECK(empty.err.contains("--scopes names no scope"));
    CHECK(empty.out.empty());
  }
  const Outcome scope = shell.run({"keys", "create", "--name", "x", "--scopes", "chta"});
  CHECK(scope.code == kExitUsage);
  CHECK(contains(scope.err, "unknown scope \"chta\"\n      did you mean \"chat\"?"));
  CHECK(shell.run({"keys", "create", "--name", "x", "--expires", "soon"}).code == kExitUsage);
  CHECK(shell.run({"keys", "rotate", "x", "--overlap", "1"}).code == kExitUsage);
}

TEST_CASE("wrong values of upstream's flags are usage errors") {
  Shell shell;
  CHECK(contains(shell.run({"upstream", "--listen", "9000"}).err,
                 "--listen must be a numeric address and a port"));
  CHECK(contains(shell.run({"upstream", "--first-delay", "50"}).err, "--first-delay must be a duration"));
  CHECK(shell.run({"upstream", "--loops", "0"}).code == kExitUsage);
}

TEST_CASE("chat says when nobody answers") {
  Shell shell;
  const Outcome outcome = shell.run({"chat", "--url", "http://127.0.0.1:9", "hello"});
  CHECK(outcome.code == kExitUnreachable);
  CHECK(contains(outcome.err, "no Weir answers: http://127.0.0.1:9: "));
  CHECK(contains(outcome.err, "start one with `weir serve`"));
  CHECK(shell.run({"chat", "--url", "nonsense", "hello"}).code == kExitUsage);
}

TEST_CASE("text from elsewhere cannot drive the terminal") {
  CHECK(printable("a\x1b[31mb\r\x07\nc\td\x7F\xC2\x9B"
                  "e é") == "a[31mb\nc\tde é");
}

TEST_CASE("progress is a bar on a terminal, and a line every ten seconds elsewhere") {
  ManualClock clock;
  std::ostringstream quiet, drawn;
  Progress to_file(quiet, false, 100, clock);
  to_file.show("a.md");
  to_file.note("skipped b");
  for (int i = 0; i < 5; ++i) {
    clock.advance(std::chrono::seconds(3));
    to_file.show("c.md");
  }
  to_file.finish();
  CHECK(quiet.str() == "skipped b\n5/100, about 4 min 48 s left\n");
  Progress on_terminal(drawn, true, 4, clock);
  on_terminal.show("a");
  on_terminal.show("b");
  CHECK(drawn.str().ends_with("[###.........] 2/4 b"));
}

TEST_CASE("a duration is told in its two largest units") {
  CHECK(to_duration(std::chrono::milliseconds(1)) == "1 s");
  CHECK(to_duration(std::chrono::seconds(61)) == "1 min 1 s");
  CHECK(to_duration(std::chrono::seconds(3'725)) == "1 h 2 min");
}
