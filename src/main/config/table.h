// main/config/table.h: what can be set any number of times: [providers.NAME], [[routes]], and the tables
// within those. As settings are, so are these the source of loader, checks, schema and reference.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "main/config/setting.h"

namespace weir::main {

struct Table {
  std::string_view key;  // "providers", "routes", "routes.targets"
  bool named;            // [providers.NAME]; otherwise [[routes]], in the order of the file
  std::string_view doc;
  std::span<const Setting> fields;  // their keys are the names within a row
  std::size_t rows_max;
  std::size_t (*size)(const Config&, Row);           // of an inner table: within row.outer
  void (*add)(Config&, Row, std::string_view name);  // at the end
  std::string_view (*name)(const Config&, Row);      // null: not named
};

std::span<const Table> tables();
const Table* find_table(std::string_view key);
const Setting* find_field(const Table& table, std::string_view name);

// The row as the file counts it: "providers.eu", "routes[0].targets[1]".
std::string row_path(const Table& table, const Config& config, Row row);
// `row` with its own index of that table replaced.
Row at_index(const Table& table, Row row, std::size_t index);
// A name of a row: letters, digits, - and _, at most 64 of them.
Result<> check_row_name(std::string_view name);

// Calls on_row(table, row) for every row that is there, a row's inner tables after it.
template <class OnRow>
void for_each_row(const Config& config, OnRow on_row) {
  const auto walk = [&](const auto& self, const Table& table, Row parent) -> void {
    for (std::size_t i = 0; i < table.size(config, parent); ++i) {
      const Row row = at_index(table, parent, i);
      on_row(table, row);
      for (const Table& inner : tables()) {
        const std::size_t dot = inner.key.rfind('.');
        if (dot != std::string_view::npos && inner.key.substr(0, dot) == table.key) self(self, inner, row);
      }
    }
  };
  for (const Table& table : tables()) {
    if (table.key.find('.') == std::string_view::npos) walk(walk, table, {});
  }
}

}  // namespace weir::main
