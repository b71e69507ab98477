#include "model/embedders/bert/safetensors.h"

#include <algorithm>
#include <optional>

#include "base/json.h"

namespace weir::model::bert {
namespace {

struct Kind {
  TensorType type;
  std::uint64_t element_bytes;
};

// Types that no weight of an encoder has are only checked for their place in the file.
Kind kind_of(std::string_view name) {
  if (name == "F32") return {TensorType::f32, 4};
  if (name == "F16") return {TensorType::f16, 2};
  if (name == "BF16") return {TensorType::bf16, 2};
  return {TensorType::other, 0};
}

std::optional<std::uint64_t> as_count(const json::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) return static_cast<std::uint64_t>(value.get_int64());
  return std::nullopt;
}

std::optional<std::vector<std::uint64_t>> as_counts(const json::value* value) {
  if (value == nullptr || !value->is_array()) return std::nullopt;
  std::vector<std::uint64_t> counts;
  for (const json::value& element : value->get_array()) {
    const auto count = as_count(element);
    if (!count) return std::nullopt;
    counts.push_back(*count);
  }
  return counts;
}

std::optional<std::uint64_t> product(const std::vector<std::uint64_t>& factors) {
  std::uint64_t result = 1;
  for (const std::uint64_t factor : factors)
    if (__builtin_mul_overflow(result, factor, &result)) return std::nullopt;
  return result;
}

std::unexpected<Error> refuse(std::string why) {
  return fail(Code::invalid_request, "not a safetensors file: " + std::move(why));
}

Result<Tensor> tensor_of(std::string_view name, const json::value& described, std::string_view data) {
  const std::string of = " of tensor \"" + std::string(name.substr(0, 100)) + "\"";
  const auto shape = as_counts(find_member(described, "shape"));
  const auto offsets = as_counts(find_member(described, "data_offsets"));
  if (!shape || !offsets || offsets->size() != 2) return refuse("shape or data_offsets" + of + " are wrong");
  const std::uint64_t begin = (*offsets)[0], end = (*offsets)[1];
  if (begin > end || end > data.size()) return refuse("data_offsets" + of + " leave the file");
  const auto elements = product(*shape);
  if (!elements) return refuse("shape" + of + " is too large");
  const Kind kind = kind_of(string_member(described, "dtype"));
  std::uint64_t size = 0;
  if (kind.element_bytes != 0 &&
      (__builtin_mul_overflow(*elements, kind.element_bytes, &size) || size != end - begin))
    return refuse("shape" + of + " does not fit its data_offsets");
  Tensor tensor;
  tensor.type = kind.type;
  tensor.shape = *shape;
  tensor.bytes = data.substr(begin, end - begin);
  tensor.elements = *elements;
  return tensor;
}

// Together the tensors are the data, each byte in one of them.
bool cover(const std::map<std::string, Tensor, std::less<>>& tensors, std::string_view data) {
  std::vector<std::string_view> pieces;
  for (const auto& [name, tensor] : tensors)
    if (!tensor.bytes.empty()) pieces.push_back(tensor.bytes);
  std::ranges::sort(pieces, {}, [](std::string_view piece) { return piece.data(); });
  const char* at = data.data();
  for (const std::string_view piece : pieces) {
    if (piece.data() != at) return false;
    at += piece.size();
  }
  return at == data.data() + data.size();
}

}  // namespace

Result<std::map<std::string, Tensor, std::less<>>> parse_safetensors(std::string_view file) {
  std::uint64_t header_size = 0;
  if (file.size() < sizeof header_size) return refuse("it is shorter than its first number");
  for (std::size_t i = 0; i < 8; ++i)
    header_size |= static_cast<std::uint64_t>(static_cast<unsigned char>(file[i])) << (8 * i);
  file.remove_prefix(sizeof header_size);
  if (header_size > kSafetensorsHeaderMax || header_size > file.size())
    return refuse("its header would be " + std::to_string(header_size) + " bytes long");
  auto header = parse_json(file.substr(0, header_size), 8);
  if (!header || !header->is_object()) return refuse("its header is no JSON object");
  const std::string_view data = file.substr(header_size);
  std::map<std::string, Tensor, std::less<>> tensors;
  for (const auto& [name, described] : header->get_object()) {
    if (name == "__metadata__") continue;
    auto tensor = tensor_of(name, described, data);
    if (!tensor) return fail(tensor);
    tensors.emplace(std::string(name), *std::move(tensor));
  }
  if (!cover(tensors, data)) return refuse("its tensors overlap, or leave gaps");
  return tensors;
}

Result<Safetensors> Safetensors::open(const std::filesystem::path& path) {
  auto file = MappedFile::open(path);
  if (!file) return fail(file);
  auto tensors = parse_safetensors(file->bytes());
  if (!tensors) {
    Error error = std::move(tensors.error());
    error.message = path.string() + ": " + error.message;
    return fail(std::move(error));
  }
  return Safetensors(*std::move(file), *std::move(tensors));
}

const Tensor* Safetensors::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

}  // namespace weir::model::bert
