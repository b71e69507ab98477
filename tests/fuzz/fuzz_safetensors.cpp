// Any bytes as a file of weights: refused with a reason, or every tensor lies within the file.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/embedders/bert/safetensors.h"

namespace {

void parse(std::string_view file) {
  const auto tensors = weir::model::bert::parse_safetensors(file);
  if (!tensors) return;
  for (const auto& [name, tensor] : *tensors) {
    if (tensor.bytes.empty()) continue;
    WEIR_ASSERT(tensor.bytes.data() >= file.data());
    WEIR_ASSERT(tensor.bytes.data() + tensor.bytes.size() <= file.data() + file.size());
    if (tensor.type == weir::model::bert::TensorType::f32)
      WEIR_ASSERT(tensor.elements * 4 == tensor.bytes.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view given(reinterpret_cast<const char*>(data), size);
  parse(given);
  // The same as a header whose length is right, before data of up to 255 bytes.
  if (size < 1) return 0;
  std::string file(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) file[i] = static_cast<char>((size - 1) >> (8 * i) & 0xFF);
  file += given.substr(1);
  file.append(data[0], 'x');
  parse(file);
  return 0;
}
