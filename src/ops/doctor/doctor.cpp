#include "ops/doctor/doctor.h"

#include <array>

namespace weir::ops::doctor {

std::string_view to_string(Verdict verdict) {
  constexpr std::array<std::string_view, 4> kNames{"ok", "warn", "fail", "skipped"};
  return kNames.at(static_cast<std::size_t>(verdict));
}

std::vector<Diagnosis> examine(const Patient& patient, const Clock& clock) {
  std::vector<Diagnosis> all = examine_machine(patient);
  std::vector<Diagnosis> storage = examine_storage(patient, clock);
  std::vector<Diagnosis> network = examine_network(patient, clock);
  all.insert(all.end(), std::make_move_iterator(storage.begin()), std::make_move_iterator(storage.end()));
  all.insert(all.end(), std::make_move_iterator(network.begin()), std::make_move_iterator(network.end()));
  return all;
}

}  // namespace weir::ops::doctor
