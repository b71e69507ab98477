// Any bytes as a message.
#include "documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  weir::app::fuzz::check(bytes, "a.eml");
  return 0;
}
