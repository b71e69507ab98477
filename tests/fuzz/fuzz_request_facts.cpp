// Any bytes as the body of a Messages request: the reader never changes them, and never takes for JSON
// what another parser refuses.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "model/request_facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kDepthMax = 16;
  const std::string given(reinterpret_cast<const char*>(data), size);
  std::string body = given;
  weir::model::RequestReader reader(kDepthMax, 256);
  const auto facts = reader.read(body);
  WEIR_ASSERT(body == given);
  if (facts) {
    WEIR_ASSERT(!facts->model.empty() && facts->max_tokens >= 0);
    WEIR_ASSERT(weir::parse_json(given, kDepthMax).has_value());
  } else {
    WEIR_ASSERT(!facts.error().message.empty());
  }
  return 0;
}
