#include "app/documents/confined/parse_child.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <new>

#include "app/documents/confined/confinement.h"
#include "app/documents/confined/parse_frame.h"

namespace weir::app {
namespace {

constexpr int kQuestionDescriptor = 0;
constexpr int kAnswerDescriptor = 1;
constexpr int kNoQuestion = 2;
constexpr int kNoAnswer = 3;

// The pages that the process has mapped by now, which the limit counts as well.
std::uint64_t address_space_in_use() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::string_view map_question() {
  struct stat status{};
  if (::fstat(kQuestionDescriptor, &status) != 0 || status.st_size <= 0) return {};
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, kQuestionDescriptor, 0);
  if (bytes == MAP_FAILED) return {};
  return {static_cast<const char*>(bytes), size};
}

Result<ReadDocument> read_guarded(const ParseQuestion& question) {
  try {
    return read_document(question.raw);
  } catch (const std::bad_alloc&) {
    return too_hungry(question.limits);
  } catch (const std::length_error&) {
    return too_hungry(question.limits);
  } catch (const std::exception& error) {
    return fail(Code::invalid_request, std::string("it cannot be read: ") + error.what(), "check the file");
  }
}

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(kAnswerDescriptor, bytes.data(), bytes.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

int run_parse_child() {
  const std::string_view bytes = map_question();
  const auto question = decode_question(bytes);
  if (!question) return kNoQuestion;
  const ParseLimits& limits = question->limits;
  // A kernel without seccomp leaves the limits, which hold by themselves.
  (void)confine({.address_space_max = address_space_in_use() + limits.memory_max,
                 .cpu_seconds_max = limits.cpu_seconds_max});
  // The allocator cannot throw through its own C: without memory the process ends, and its code says why.
  std::set_new_handler([] { std::_Exit(kOutOfMemoryExit); });
  Result<ReadDocument> read = read_guarded(*question);
  std::string answer;
  try {
    answer = encode_answer(read);
  } catch (const std::bad_alloc&) {
    read = too_hungry(limits);
    answer = encode_answer(read);
  }
  if (answer.size() > limits.answer_size_max) {
    answer = encode_answer(
        fail(Code::too_large,
             "its text is larger than " + std::to_string(limits.answer_size_max >> 20) + " MiB when unpacked",
             "split it"));
  }
  return write_all(answer) ? 0 : kNoAnswer;
}

}  // namespace weir::app
