#include "model/embedders/bert/safetensors.h"

#include <doctest/doctest.h>

#include "model/embedders/bert/weights.h"

namespace weir::model::bert {
namespace {

std::string file_of(std::string_view header, std::string_view data) {
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) out += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return out + std::string(header) + std::string(data);
}

TEST_CASE("tensors are found with their types, shapes and bytes") {
  const std::string data("\x00\x00\x80\x3F\x00\x3C\x00\xC0\x80\x3F\x80\xC0", 12);
  const std::string file = file_of(
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
      R"("h":{"dtype":"F16","shape":[2,1],"data_offsets":[4,8]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]}})",
      data);
  const auto tensors = parse_safetensors(file);
  REQUIRE(tensors);
  REQUIRE(tensors->size() == 3);
  CHECK(element(tensors->at("a"), 0) == 1.0F);
  CHECK(element(tensors->at("h"), 0) == 1.0F);
  CHECK(element(tensors->at("h"), 1) == -2.0F);
  CHECK(element(tensors->at("b"), 0) == 1.0F);
  CHECK(element(tensors->at("b"), 1) == -4.0F);
  CHECK(tensors->at("h").shape == std::vector<std::uint64_t>{2, 1});
}

TEST_CASE("hostile files are refused") {
  const std::string four(4, '\0'), eight(8, '\0');
  const auto one = [&](std::string_view described) {
    return file_of("{\"a\":" + std::string(described) + "}", four);
  };
  const std::string bad[] = {
      "",
      "short",
      std::string(8, '\xFF'),
      std::string("\x10\0\0\0\0\0\0\0{}", 10),
      file_of("[]", ""),
      file_of("{", ""),
      file_of("{}", four),
      one(R"({"dtype":"F32","shape":[1],"data_offsets":[0,8]})"),
      one(R"({"dtype":"F32","shape":[1],"data_offsets":[4,0]})"),
      one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})"),
      one(R"({"dtype":"F32","shape":[-1],"data_offsets":[0,4]})"),
      one(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]})"),
      one(R"({"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]})"),
      one(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4,8]})"),
      one(R"({"dtype":"F32","shape":[1],"data_offsets":[18446744073709551615,4]})"),
      one(R"({"dtype":"F32","data_offsets":[0,4]})"),
      one("null"),
      file_of(
          R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
          four),
      file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", eight),
  };
  for (const std::string& file : bad) {
    CAPTURE(file);
    const auto tensors = parse_safetensors(file);
    REQUIRE(!tensors);
    CHECK(tensors.error().code == Code::invalid_request);
  }
}

}  // namespace
}  // namespace weir::model::bert
