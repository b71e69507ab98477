// The data directory: its rights, its file system, its space, and how long a write takes to be safe.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "ops/doctor/doctor.h"

namespace weir::ops::doctor {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::uint64_t kSpaceFail = 256 * kMiB;
constexpr std::uint64_t kSpaceWarn = 2'048 * kMiB;
constexpr std::chrono::milliseconds kSyncWarn{20};  // each acknowledged write waits for one
constexpr std::chrono::milliseconds kSyncFail{500};
constexpr int kSyncTries = 9;

// linux/magic.h: file systems on which SQLite's shared memory or locks do not hold.
constexpr long kNfs = 0x6969, kSmb2 = 0xFE534D42, kCifs = 0xFF534D42, kTmpfs = 0x01021994;

// The directory, or the nearest parent that is there.
std::filesystem::path existing_part(const std::string& directory) {
  std::error_code problem;
  std::filesystem::path path = std::filesystem::absolute(directory, problem);
  while (!path.empty() && !std::filesystem::exists(path, problem) && path != path.root_path())
    path = path.parent_path();
  return path;
}

Diagnosis rights(const Patient& patient, const std::filesystem::path& there) {
  Diagnosis out{.id = "data-directory",
                .title = "Weir can write its data directory, and strangers cannot read it"};
  const std::string path = there.string();
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) {
    out.verdict = Verdict::fail;
    out.detail = path + " is no directory";
    out.fix = "set WEIR_DATA to a directory";
    return out;
  }
  if (::access(path.c_str(), W_OK | X_OK) != 0) {
    out.verdict = Verdict::fail;
    out.detail = path + " cannot be written by user " + std::to_string(::geteuid());
    out.fix = "chown " + std::to_string(::geteuid()) + " " + path;
    return out;
  }
  const bool made = there == std::filesystem::absolute(patient.data_dir).lexically_normal() ||
                    std::filesystem::exists(patient.data_dir);
  out.detail = made ? path : patient.data_dir + " is not there yet; it will be made in " + path;
  if (made && (about.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
    out.verdict = Verdict::warn;
    out.detail += " is open to others (documents and key hashes are in it)";
    out.fix = "chmod 0700 " + path;
  }
  return out;
}

Diagnosis file_system(const std::filesystem::path& there) {
  Diagnosis out{.id = "file-system", .title = "The data directory is on a local disk"};
  struct statfs about{};
  if (::statfs(there.c_str(), &about) != 0) {
    out.verdict = Verdict::skipped;
    out.detail = std::strerror(errno);
    return out;
  }
  const auto type = static_cast<std::uint32_t>(about.f_type);
  out.detail = "type 0x" + [](std::uint32_t number) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%x", number);
    return std::string(text.data());
  }(type);
  if (type == kNfs || type == static_cast<std::uint32_t>(kSmb2) ||
      type == static_cast<std::uint32_t>(kCifs)) {
    out.verdict = Verdict::fail;
    out.detail = "a network file system: SQLite's locks do not hold there";
    out.fix = "set WEIR_DATA to a local disk or a block volume";
  } else if (type == kTmpfs) {
    out.verdict = Verdict::warn;
    out.detail = "a file system in memory: everything is lost with the machine";
    out.fix = "set WEIR_DATA to a disk";
  }
  return out;
}

Diagnosis room(const std::filesystem::path& there) {
  Diagnosis out{.id = "disk-space", .title = "There is room on the data directory's disk"};
  struct statvfs about{};
  if (::statvfs(there.c_str(), &about) != 0) {
    out.verdict = Verdict::skipped;
    out.detail = std::strerror(errno);
    return out;
  }
  const std::uint64_t free = about.f_bavail * about.f_frsize;
  const bool no_files = about.f_files > 0 && about.f_favail < 1'000;
  out.detail = std::to_string(free / kMiB) + " MiB and " + std::to_string(about.f_favail) + " files are free";
  if (free < kSpaceWarn || no_files) {
    out.verdict = free < kSpaceFail || no_files ? Verdict::fail : Verdict::warn;
    out.fix = "df -h " + there.string() + "; free some, or set WEIR_DATA to a larger disk";
  }
  return out;
}

// The median of some small writes that wait for the disk, as a commit does.
Diagnosis sync_time(const std::filesystem::path& there, const Clock& clock) {
  Diagnosis out{.id = "fsync", .title = "The disk acknowledges a write in time"};
  std::string name = (there / "weir-doctor-XXXXXX").string();
  const int file = ::mkstemp(name.data());
  if (file < 0) {
    out.verdict = Verdict::fail;
    out.detail = "no file can be made in " + there.string() + ": " + std::strerror(errno);
    out.fix = "set WEIR_DATA to a directory that user " + std::to_string(::geteuid()) + " can write";
    return out;
  }
  ::unlink(name.c_str());
  constexpr std::array<char, 4096> kPage{};
  std::array<std::chrono::nanoseconds, kSyncTries> times{};
  bool written = true;
  for (auto& time : times) {
    const Monotonic begun = clock.monotonic();
    written = written && ::write(file, kPage.data(), kPage.size()) == static_cast<ssize_t>(kPage.size()) &&
              ::fdatasync(file) == 0;
    time = clock.monotonic() - begun;
  }
  ::close(file);
  std::ranges::sort(times);
  const auto median = times[kSyncTries / 2];
  const double ms = std::chrono::duration<double, std::milli>(median).count();
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.2f ms in the median of %d", ms, kSyncTries);
  out.detail = text.data();
  if (!written || median > kSyncWarn) {
    out.verdict = !written || median > kSyncFail ? Verdict::fail : Verdict::warn;
    out.fix = "use a disk of its own (SSD); look for what else writes: iostat -x 1";
  }
  return out;
}

}  // namespace

std::vector<Diagnosis> examine_storage(const Patient& patient, const Clock& clock) {
  const std::filesystem::path there = existing_part(patient.data_dir);
  std::vector<Diagnosis> out{rights(patient, there), file_system(there), room(there)};
  out.push_back(sync_time(there, clock));
  return out;
}

}  // namespace weir::ops::doctor
