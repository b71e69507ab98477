// app/documents/confined/confinement.h: takes from this process everything but memory, time and the two
// descriptors that it has.
#pragma once

#include <cstdint>

namespace weir::app {

struct Confinement {
  std::uint64_t address_space_max = 0;  // bytes; beyond them allocation fails
  std::uint64_t cpu_seconds_max = 0;    // SIGXCPU after them, SIGKILL one later
};

// Closes every descriptor from 3 on; sets RLIMIT_AS, _CPU, _FSIZE (0), _NOFILE, _NPROC, _CORE (0) and
// no_new_privs; dies with the thread that started it; and lets only those system calls through that
// reading, computing and answering take (seccomp): no file, socket, process, signal to another or
// executable page can come into being, whatever code runs here. Everything else answers EPERM.
// False when the kernel refused a part; the limits that it took hold all the same.
bool confine(const Confinement& confinement);

}  // namespace weir::app
