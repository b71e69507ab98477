// ops/doctor/doctor.h: what `weir doctor` says about the machine that Weir is to run on.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "net/http_client.h"

namespace weir::ops::doctor {

enum class Verdict : std::uint8_t { ok, warn, fail, skipped };
std::string_view to_string(Verdict verdict);  // a wire value

struct Diagnosis {
  std::string id;  // "disk-space"; never renamed
  Verdict verdict = Verdict::ok;
  std::string title;
  std::string detail;  // what was measured
  std::string fix;     // the command or setting that mends it; empty when nothing is to mend
};

// What Weir would be started with.
struct Patient {
  std::string address;
  std::uint16_t port = 0;
  std::string data_dir;
  std::vector<net::Origin> providers;  // those that have a key
  std::string ca_file;
  std::string model_directory;  // as configured; empty: looked for
  std::map<std::string, std::string> environment;
  bool network = true;  // look at the providers, too
};

// Takes some seconds where a provider does not answer. Leaves nothing behind.
std::vector<Diagnosis> examine(const Patient& patient, const Clock& clock);

// Parts of examine, each one concept; in the files of that name.
std::vector<Diagnosis> examine_storage(const Patient& patient, const Clock& clock);
std::vector<Diagnosis> examine_network(const Patient& patient, const Clock& clock);
std::vector<Diagnosis> examine_machine(const Patient& patient);

}  // namespace weir::ops::doctor
