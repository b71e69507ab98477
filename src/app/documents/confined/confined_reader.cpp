#include "app/documents/confined/confined_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "app/documents/confined/parse_child.h"

namespace weir::app {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset();
    number_ = std::exchange(other.number_, -1);
    return *this;
  }
  void reset() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

std::unexpected<Error> no_process(const char* what) {
  return fail(
      Code::overloaded,
      std::string("no process can be started to read the document: ") + what + ": " + std::strerror(errno),
      "try again in a moment");
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(descriptor, bytes.data(), bytes.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// The question as a file without a name, which the process maps instead of copying it.
Descriptor question_file(const ParseLimits& limits, const RawDocument& raw) {
  Descriptor file(::memfd_create("document", MFD_CLOEXEC));
  const bool written =
      file && write_all(file.get(), question_head(limits, raw)) && write_all(file.get(), raw.bytes);
  return written ? std::move(file) : Descriptor();
}

// A started process, leader of a group of its own. Gone at the latest with this object.
class Child {
 public:
  Child() = default;
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (pid_ == 0) return;
    kill();
    wait();
  }
  void kill() const { ::kill(-pid_, SIGKILL); }
  // The status of waitpid(2).
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return status;
  }

 private:
  pid_t pid_ = 0;
};

struct SpawnSettings {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
};

// Without environment: no key of ours is in its memory. 0 when it cannot be started, errno says why.
pid_t start(const std::string& program, int question, int answer) {
  SpawnSettings settings;
  ::posix_spawn_file_actions_adddup2(&settings.actions, question, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&settings.actions, answer, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&settings.actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&settings.attributes, &none);
  ::posix_spawnattr_setsigdefault(&settings.attributes, &all);
  ::posix_spawnattr_setpgroup(&settings.attributes, 0);
  ::posix_spawnattr_setflags(&settings.attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string name = "weir", word(kParseChildWord);
  std::array<char*, 3> arguments = {name.data(), word.data(), nullptr};
  std::array<char*, 1> environment = {nullptr};
  pid_t pid = 0;
  errno = ::posix_spawn(&pid, program.c_str(), &settings.actions, &settings.attributes, arguments.data(),
                        environment.data());
  return errno == 0 ? pid : 0;
}

enum class Ending : std::uint8_t { closed, too_late, too_much };

// Collects what the process writes until it closes its end, is too late or writes too much.
Ending collect(int descriptor, const ParseLimits& limits, const Clock& clock, std::string& answer) {
  const Monotonic deadline = clock.monotonic() + std::chrono::seconds(limits.wall_seconds_max);
  std::array<char, 64 * 1024> piece;
  while (true) {
    const Monotonic now = clock.monotonic();
    if (now >= deadline) return Ending::too_late;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now).count();
    pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (::poll(&wanted, 1, static_cast<int>(std::min<std::int64_t>(left, 1'000))) <= 0) continue;
    const ssize_t got = ::read(descriptor, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Ending::closed;
    answer.append(piece.data(), static_cast<std::size_t>(got));
    // An answer within the limit has a few bytes around it.
    if (answer.size() > limits.answer_size_max + piece.size()) return Ending::too_much;
  }
}

std::unexpected<Error> took_longer(std::uint64_t seconds, std::string_view of_what) {
  return fail(Code::invalid_request,
              "reading it took longer than " + std::to_string(seconds) + " s" + std::string(of_what),
              "split it, or send it as plain text");
}

std::unexpected<Error> ended_early(int status, const ParseLimits& limits) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
    return took_longer(limits.cpu_seconds_max, " of processor time");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kOutOfMemoryExit) return too_hungry(limits);
  const std::string how = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                              : "code " + std::to_string(WEXITSTATUS(status));
  return fail(Code::invalid_request, "it is damaged or hostile: its reader ended with " + how,
              "check the file");
}

}  // namespace

ConfinedReader::ConfinedReader(ParseLimits limits, const Clock& clock, std::string program)
    : limits_(limits), clock_(clock), program_(std::move(program)) {}

Result<ReadDocument> ConfinedReader::read(const RawDocument& raw) const {
  Descriptor question = question_file(limits_, raw);
  if (!question) return no_process("memory for the document");
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return no_process("a pipe");
  Descriptor reading(ends[0]), writing(ends[1]);
  const pid_t pid = start(program_, question.get(), writing.get());
  if (pid == 0) return no_process("its start");
  Child child(pid);
  question.reset();
  writing.reset();

  std::string bytes;
  const Ending ending = collect(reading.get(), limits_, clock_, bytes);
  if (ending == Ending::too_late) return took_longer(limits_.wall_seconds_max, "");
  if (ending == Ending::too_much) {
    return fail(Code::too_large, "its text is too large when unpacked", "split it");
  }
  const int status = child.wait();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return ended_early(status, limits_);
  auto answer = decode_answer(bytes);
  if (!answer)
    return fail(Code::invalid_request, "it is hostile: its reader gave no proper answer", "check the file");
  return *std::move(answer);
}

}  // namespace weir::app
