// An archive's bytes as each of the three kinds of office documents.
#include "documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::string_view kNames[] = {"a.docx", "a.pptx", "a.xlsx"};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  weir::app::fuzz::check(bytes, kNames[data[0] % std::size(kNames)]);
  return 0;
}
