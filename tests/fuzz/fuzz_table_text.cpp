// Text as CSV, TSV, JSON and JSON lines.
#include "documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::string_view kNames[] = {"a.csv", "a.tsv", "a.json", "a.jsonl"};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  weir::app::fuzz::check(bytes, kNames[data[0] % std::size(kNames)]);
  return 0;
}
