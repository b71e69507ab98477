#include "data/scan/metadata_index.h"

namespace weir::data {

void MetadataIndex::add(std::uint32_t document, const json::object& metadata) {
  for (const auto& [name, member] : metadata) {
    for (FilterValue& value : filter_values(member)) {
      auto& documents = fields_[std::string(name)][std::move(value)];
      if (documents.empty() || documents.back() != document) documents.push_back(document);
    }
  }
}

DocumentSet MetadataIndex::find(const Filter& filter, std::uint32_t documents) const {
  DocumentSet found((documents + 63) / 64, ~std::uint64_t{0});
  for (const Condition& condition : filter.all_of) {
    DocumentSet holders(found.size());
    const auto mark = [&](const std::vector<std::uint32_t>& numbers) {
      for (const std::uint32_t number : numbers) {
        if (number < documents) holders[number / 64] |= std::uint64_t{1} << (number % 64);
      }
    };
    const auto field = fields_.find(condition.field);
    if (field != fields_.end()) {
      if (condition.comparison == Comparison::equal) {
        for (const FilterValue& value : condition.values) {
          const auto at = field->second.find(value);
          if (at != field->second.end()) mark(at->second);
        }
      } else {
        for (const auto& [value, numbers] : field->second) {
          if (holds(condition, value)) mark(numbers);
        }
      }
    }
    for (std::size_t i = 0; i < found.size(); ++i) found[i] &= holders[i];
  }
  return found;
}

}  // namespace weir::data
