// What the machine gives: descriptors, a clock that is right, memory, a processor, the embedder's model.
#include <sys/resource.h>
#include <sys/timex.h>

#include <cstring>
#include <fstream>

#include "model/embedders/bert/kernels.h"
#include "model/embedders/find_model.h"
#include "ops/doctor/doctor.h"

namespace weir::ops::doctor {
namespace {

constexpr rlim_t kDescriptorsFail = 1'024;
constexpr rlim_t kDescriptorsWarn = 65'536;  // each client takes one, and each call to a provider another
constexpr std::int64_t kMemoryWarn = 512;    // MiB
constexpr std::int64_t kClockErrorWarn = 1'000'000;  // µs

Diagnosis descriptors() {
  Diagnosis out{.id = "descriptors", .title = "Weir may open enough files and connections"};
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const bool unlimited = limit.rlim_max == RLIM_INFINITY;
  out.detail =
      unlimited ? "no limit" : std::to_string(limit.rlim_max) + " (hard limit; Weir raises the soft one)";
  if (!unlimited && limit.rlim_max < kDescriptorsWarn) {
    out.verdict = limit.rlim_max < kDescriptorsFail ? Verdict::fail : Verdict::warn;
    out.fix = "systemd: LimitNOFILE=65536; shell: ulimit -Hn 65536; containers: --ulimit nofile=65536";
  }
  return out;
}

Diagnosis clock_is_kept() {
  Diagnosis out{.id = "clock", .title = "The clock is kept by a time service"};
  timex state{};
  const int result = ::adjtimex(&state);
  if (result < 0) {
    out.verdict = Verdict::skipped;
    out.detail = std::strerror(errno);
    return out;
  }
  out.detail = "estimated error " + std::to_string(state.maxerror / 1'000) + " ms";
  if ((state.status & STA_UNSYNC) != 0 || state.maxerror > kClockErrorWarn) {
    out.verdict = Verdict::warn;
    out.detail = "nobody keeps it: signatures, expiries and budgets go by it";
    out.fix = "timedatectl set-ntp true; in a container the host's clock counts";
  }
  return out;
}

std::int64_t available_mib() {
  std::ifstream file("/proc/meminfo");
  std::string name;
  std::int64_t kib = 0;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("MemAvailable:")) continue;
    kib = std::strtoll(line.c_str() + std::strlen("MemAvailable:"), nullptr, 10);
  }
  return kib / 1024;
}

Diagnosis memory() {
  Diagnosis out{.id = "memory", .title = "There is memory for connections, streams and the embedder"};
  std::int64_t mib = available_mib();
  std::ifstream cgroup("/sys/fs/cgroup/memory.max");
  std::int64_t bytes = 0;
  if (cgroup >> bytes) mib = std::min(mib, bytes / (1024 * 1024));
  out.detail = std::to_string(mib) + " MiB";
  if (mib < kMemoryWarn) {
    out.verdict = Verdict::warn;
    out.fix = "give it 512 MiB, or lower streams.memory_max and explain.memory_max";
  }
  return out;
}

Diagnosis processor() {
  Diagnosis out{.id = "processor", .title = "The processor computes embeddings fast"};
  const std::string best(model::bert::usable_kernels().back()->name);
  out.detail = "the best kernels here: " + best;
  if (best == "plain") {
    out.verdict = Verdict::warn;
    out.fix = "x86-64-v3 (AVX2, since 2013) computes several times faster; virtual machines must pass it on";
  }
  return out;
}

Diagnosis embedder(const Patient& patient) {
  Diagnosis out{.id = "model", .title = "The embedder's model is there"};
  const auto found = model::find_model(patient.model_directory, patient.data_dir);
  if (!found.empty()) {
    out.detail = found.string();
    return out;
  }
  out.verdict = patient.model_directory.empty() ? Verdict::warn : Verdict::fail;
  out.detail = patient.model_directory.empty() ? "none is found: search is by keywords alone"
                                               : "there is none in " + patient.model_directory;
  out.fix = "set WEIR_MODEL_DIR to a directory with config.json, vocab.txt and model.safetensors";
  return out;
}

}  // namespace

std::vector<Diagnosis> examine_machine(const Patient& patient) {
  return {descriptors(), clock_is_kept(), memory(), processor(), embedder(patient)};
}

}  // namespace weir::ops::doctor
