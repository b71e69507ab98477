#include "app/documents/confined/confinement.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <vector>

// Sanitizers map terabytes of shadow memory, look into /proc and try addresses by pipes: they run under
// the other limits only.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define WEIR_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WEIR_SANITIZED 1
#endif

namespace weir::app {
namespace {

#ifdef WEIR_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif

// What glibc, the allocator and the C++ runtime call while a parser computes, and no more.
constexpr std::array kAllowed = {
    __NR_read,         __NR_write,          __NR_close,
    __NR_lseek,        __NR_fstat,          __NR_munmap,
    __NR_mremap,       __NR_madvise,        __NR_brk,
    __NR_exit,         __NR_exit_group,     __NR_rt_sigreturn,
    __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_sigaltstack,
    __NR_futex,        __NR_clock_gettime,  __NR_clock_nanosleep,
    __NR_gettimeofday, __NR_getrandom,      __NR_sched_yield,
    __NR_getpid,       __NR_gettid,         __NR_restart_syscall,
};

constexpr std::uint32_t offset_of_argument(int index) {
  // The low half: both architectures are little-endian.
  const std::size_t offset = sizeof(std::uint64_t) * static_cast<std::size_t>(index);
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + offset);
}

sock_filter statement(std::uint16_t code, std::uint32_t value) {
  return {code, 0, 0, value};
}

sock_filter jump(std::uint16_t code, std::uint32_t value, std::uint8_t if_true, std::uint8_t if_false) {
  return {code, if_true, if_false, value};
}

std::vector<sock_filter> make_filter() {
  constexpr std::uint16_t load = BPF_LD | BPF_W | BPF_ABS;
  constexpr std::uint16_t equals = BPF_JMP | BPF_JEQ | BPF_K;
  constexpr std::uint16_t answer = BPF_RET | BPF_K;
  std::vector<sock_filter> filter;
  filter.push_back(statement(load, offsetof(seccomp_data, arch)));
  filter.push_back(jump(equals, kArchitecture, 1, 0));
  filter.push_back(statement(answer, SECCOMP_RET_KILL_PROCESS));
  filter.push_back(statement(load, offsetof(seccomp_data, nr)));
  for (const int number : kAllowed) {
    filter.push_back(jump(equals, static_cast<std::uint32_t>(number), 0, 1));
    filter.push_back(statement(answer, SECCOMP_RET_ALLOW));
  }
  // Memory may be mapped and protected, but never made executable.
  for (const int number : {__NR_mmap, __NR_mprotect}) {
    filter.push_back(jump(equals, static_cast<std::uint32_t>(number), 0, 4));
    filter.push_back(statement(load, offset_of_argument(2)));
    filter.push_back(jump(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1));
    filter.push_back(statement(answer, SECCOMP_RET_ERRNO | EPERM));
    filter.push_back(statement(answer, SECCOMP_RET_ALLOW));
  }
  filter.push_back(statement(answer, SECCOMP_RET_ERRNO | EPERM));
  return filter;
}

bool limit(int resource, std::uint64_t soft, std::uint64_t hard) {
  const rlimit value{soft, hard};
  return ::setrlimit(static_cast<__rlimit_resource_t>(resource), &value) == 0;
}

bool filter_system_calls() {
  auto filter = make_filter();
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace

bool confine(const Confinement& confinement) {
  bool all = ::syscall(__NR_close_range, 3u, ~0u, 0u) == 0;
  all = ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && all;
  all = ::prctl(PR_SET_DUMPABLE, 0) == 0 && all;
  all = limit(RLIMIT_CPU, confinement.cpu_seconds_max, confinement.cpu_seconds_max + 1) && all;
  all = limit(RLIMIT_FSIZE, 0, 0) && all;
  all = limit(RLIMIT_NPROC, 0, 0) && all;
  all = limit(RLIMIT_CORE, 0, 0) && all;
  all = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && all;
  if (kSanitized) return all;
  all = limit(RLIMIT_NOFILE, 3, 3) && all;
  all = limit(RLIMIT_AS, confinement.address_space_max, confinement.address_space_max) && all;
  return filter_system_calls() && all;
}

}  // namespace weir::app
