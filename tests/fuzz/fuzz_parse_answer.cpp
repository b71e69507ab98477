// Any bytes as what a reading process answers: refused, or a document that keeps its promises.
#include "documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto answer = weir::app::decode_answer(bytes);
  if (!answer || !*answer) return 0;
  WEIR_ASSERT(weir::app::encode_answer(*answer) == bytes);
  (void)weir::app::cut_into_chunks((*answer)->parsed, {});
  return 0;
}
