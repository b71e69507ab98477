// field_table.h: the tables of fields in docs/openai_api.md, to compare with those of the code.
#pragma once

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "model/dialects/inbound_request.h"

namespace weir::testing {

// The rows of the table after `heading`, as they stand in the document.
inline std::vector<std::string> documented_fields(std::string_view heading) {
  std::ifstream stream(std::string(WEIR_SOURCE_DIR) + "/docs/openai_api.md");
  std::vector<std::string> rows;
  bool inside = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("#")) inside = line == heading;
    if (inside && line.starts_with("| `")) rows.push_back(line);
  }
  return rows;
}

inline std::string documented_row(const model::inbound::FieldRule& rule) {
  using model::inbound::Fate;
  const char* fate = rule.fate == Fate::translated ? "translated"
                     : rule.fate == Fate::left_out ? "left out"
                                                   : "refused";
  return "| `" + std::string(rule.name) + "` | " + fate + " | " + std::string(rule.note) + " |";
}

}  // namespace weir::testing
