// model/embedders/bert/safetensors.h: the weights of a model as Hugging Face's safetensors keeps them:
// eight bytes of length, a JSON header, and the tensors' bytes (github.com/huggingface/safetensors,
// "Format").
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/embedders/bert/mapped_file.h"

namespace weir::model::bert {

inline constexpr std::size_t kSafetensorsHeaderMax = 100'000'000;  // bytes; the format's own limit

enum class TensorType : std::uint8_t { f32, f16, bf16, other };

struct Tensor {
  TensorType type = TensorType::other;
  std::vector<std::uint64_t> shape;
  std::uint64_t elements = 0;  // the product of shape
  std::string_view bytes;      // into the file; of the size that type and shape ask for, unless type is other
};

// The tensors of a whole file; their bytes are views into `file`. invalid_request for what is no such file:
// a header that is too long or no JSON of the right form, an offset outside the file, tensors that overlap
// or leave gaps, a shape whose product is not the tensor's size.
Result<std::map<std::string, Tensor, std::less<>>> parse_safetensors(std::string_view file);

class Safetensors {
 public:
  static Result<Safetensors> open(const std::filesystem::path& path);

  const MappedFile& file() const { return file_; }
  // nullptr: there is none of that name.
  const Tensor* find(std::string_view name) const;

 private:
  Safetensors(MappedFile file, std::map<std::string, Tensor, std::less<>> tensors)
      : file_(std::move(file)), tensors_(std::move(tensors)) {}

  MappedFile file_;
  std::map<std::string, Tensor, std::less<>> tensors_;
};

}  // namespace weir::model::bert
