// model/embedders/bert/model_files.h: what the small files of a model directory in Hugging Face's layout say:
// config.json, tokenizer_config.json, vocab.txt or tokenizer.json, and sentence-transformers' modules.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace weir::model::bert {

enum class Pooling : std::uint8_t { mean, first };  // of the tokens' vectors, or that of [CLS]
enum class HiddenActivation : std::uint8_t { gelu, relu };

struct TokenizerOptions {
  bool lowercase = true;
  bool strip_accents = true;
  bool split_chinese = true;  // each Chinese character is a word of its own
  std::string unknown = "[UNK]", begin = "[CLS]", end = "[SEP]";
};

struct ModelDescription {
  std::string name;  // the directory's
  std::uint32_t hidden_size = 0, layers = 0, heads = 0, intermediate_size = 0;
  std::uint32_t vocabulary_size = 0, positions = 0;
  float norm_epsilon = 1e-12F;
  HiddenActivation activation = HiddenActivation::gelu;
  Pooling pooling = Pooling::mean;
  std::uint32_t tokens_max = 0;               // of one text, with [CLS] and [SEP]; what is longer is cut
  std::string query_prefix, document_prefix;  // put before each text
  TokenizerOptions tokenizer;
  std::vector<std::string> vocabulary;  // a token's number is its index
};

// Errors: not_found (no config.json or vocabulary), invalid_request (a file that says what Weir's encoder
// does not do: another architecture, relative positions, another pooling).
Result<ModelDescription> describe_model(const std::filesystem::path& directory);

}  // namespace weir::model::bert
