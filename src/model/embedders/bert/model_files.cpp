#include "model/embedders/bert/model_files.h"

#include <fstream>
#include <iterator>
#include <optional>

#include "base/json.h"
#include "base/text.h"

namespace weir::model::bert {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileSizeMax = 64 * 1024 * 1024;
constexpr std::uint64_t kSizeMax = 65'536;  // of a layer, a text, …; larger ones are no model but a mistake

std::optional<std::string> read_file(const fs::path& path) {
  std::error_code ignored;
  const auto size = fs::file_size(path, ignored);
  if (ignored || size > kFileSizeMax) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// null when the file is absent.
Result<json::value> read_json(const fs::path& path) {
  const auto text = read_file(path);
  if (!text) return json::value();
  auto parsed = parse_json(*text);
  if (!parsed) return fail(Code::invalid_request, path.string() + ": " + parsed.error().message);
  return parsed;
}

bool flag(const json::value& object, std::string_view name, bool otherwise) {
  const json::value* const member = find_member(object, name);
  return member != nullptr && member->is_bool() ? member->get_bool() : otherwise;
}

Result<std::uint32_t> size_member(const json::value& config, std::string_view name) {
  const json::value* const member = find_member(config, name);
  const std::int64_t value = member != nullptr && member->is_int64() ? member->get_int64() : 0;
  const std::int64_t max = name == "vocab_size" ? 10'000'000 : static_cast<std::int64_t>(kSizeMax);
  if (value < 1 || value > max)
    return fail(Code::invalid_request,
                "config.json: " + std::string(name) + " must be a number from 1 to " + std::to_string(max));
  return static_cast<std::uint32_t>(value);
}

Result<> read_sizes(const json::value& config, ModelDescription& model) {
  const std::pair<std::string_view, std::uint32_t*> sizes[] = {
      {"hidden_size", &model.hidden_size},    {"num_hidden_layers", &model.layers},
      {"num_attention_heads", &model.heads},  {"intermediate_size", &model.intermediate_size},
      {"vocab_size", &model.vocabulary_size}, {"max_position_embeddings", &model.positions},
  };
  for (const auto& [name, target] : sizes) {
    const auto value = size_member(config, name);
    if (!value) return std::unexpected(value.error());
    *target = *value;
  }
  if (model.hidden_size % model.heads != 0)
    return fail(Code::invalid_request, "config.json: num_attention_heads does not divide hidden_size");
  if (const json::value* epsilon = find_member(config, "layer_norm_eps"); epsilon != nullptr)
    if (epsilon->is_number()) model.norm_epsilon = epsilon->to_number<float>();
  if (!(model.norm_epsilon > 0 && model.norm_epsilon < 1))
    return fail(Code::invalid_request, "config.json: layer_norm_eps must be between 0 and 1");
  return {};
}

Result<> read_config(const json::value& config, ModelDescription& model) {
  if (!config.is_object()) return fail(Code::not_found, "no config.json, or it is no JSON object");
  const std::string_view type = string_member(config, "model_type");
  if (type != "bert")
    return fail(Code::invalid_request, "config.json: model_type is \"" + std::string(type) + "\"",
                "the embedder in Weir runs BERT encoders; use a provider for other models");
  const std::string_view positions = string_member(config, "position_embedding_type");
  if (!positions.empty() && positions != "absolute")
    return fail(Code::invalid_request, "config.json: position_embedding_type must be \"absolute\"");
  const std::string_view activation = string_member(config, "hidden_act");
  if (activation == "relu") {
    model.activation = HiddenActivation::relu;
  } else if (activation != "gelu") {
    return fail(Code::invalid_request, "config.json: hidden_act must be \"gelu\" or \"relu\"");
  }
  return read_sizes(config, model);
}

// 1_Pooling/config.json and modules.json. A directory without them is a plain BERT: mean pooling.
Result<> read_modules(const fs::path& directory, ModelDescription& model) {
  auto modules = read_json(directory / "modules.json");
  if (!modules) return fail(modules);
  std::string pooling_folder = "1_Pooling";
  if (modules->is_array()) {
    for (const json::value& module : modules->get_array()) {
      const std::string_view type = string_member(module, "type");
      if (type.ends_with("Pooling")) pooling_folder = string_member(module, "path");
      if (!type.ends_with("Transformer") && !type.ends_with("Pooling") && !type.ends_with("Normalize"))
        return fail(Code::invalid_request, "modules.json: no such module in Weir: " + std::string(type));
    }
  }
  auto pooling = read_json(directory / fs::path(pooling_folder).filename() / "config.json");
  if (!pooling) return fail(pooling);
  if (!pooling->is_object()) return {};
  const bool mean = flag(*pooling, "pooling_mode_mean_tokens", false);
  const bool first = flag(*pooling, "pooling_mode_cls_token", false);
  if (mean == first || flag(*pooling, "pooling_mode_max_tokens", false) ||
      flag(*pooling, "pooling_mode_mean_sqrt_len_tokens", false))
    return fail(Code::invalid_request,
                "1_Pooling/config.json: pool by the mean or by [CLS], and by one of them");
  model.pooling = first ? Pooling::first : Pooling::mean;
  return {};
}

// sentence_bert_config.json's max_seq_length, the tokenizer's own limit, and the positions: the least.
Result<> read_window(const fs::path& directory, const json::value& tokenizer, ModelDescription& model) {
  auto sentence = read_json(directory / "sentence_bert_config.json");
  if (!sentence) return fail(sentence);
  model.tokens_max = model.positions;
  for (const json::value* limit :
       {find_member(*sentence, "max_seq_length"), find_member(tokenizer, "model_max_length")}) {
    if (limit != nullptr && limit->is_int64() && limit->get_int64() > 0 &&
        limit->get_int64() < model.tokens_max)
      model.tokens_max = static_cast<std::uint32_t>(limit->get_int64());
  }
  if (model.tokens_max < 3) return fail(Code::invalid_request, "the model's window is below three tokens");
  auto general = read_json(directory / "config_sentence_transformers.json");
  if (!general) return fail(general);
  if (const json::value* prompts = find_member(*general, "prompts"); prompts != nullptr) {
    model.query_prefix = string_member(*prompts, "query");
    model.document_prefix = string_member(*prompts, "document");
    if (model.document_prefix.empty()) model.document_prefix = string_member(*prompts, "passage");
  }
  return {};
}

void read_tokenizer(const json::value& config, TokenizerOptions& options) {
  options.lowercase = flag(config, "do_lower_case", true);
  options.strip_accents = flag(config, "strip_accents", options.lowercase);
  options.split_chinese = flag(config, "tokenize_chinese_chars", true);
  const std::pair<std::string_view, std::string*> names[] = {
      {"unk_token", &options.unknown}, {"cls_token", &options.begin}, {"sep_token", &options.end}};
  for (const auto& [name, target] : names)
    if (const std::string_view given = string_member(config, name); !given.empty()) *target = given;
}

// vocab.txt: a token in each line. Python's tokenizer cuts line ends only, and so does this.
std::vector<std::string> vocabulary_of_lines(std::string_view text) {
  std::vector<std::string> tokens;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    tokens.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return tokens;
}

std::vector<std::string> vocabulary_of_json(const json::value& tokenizer) {
  const json::value* const model = find_member(tokenizer, "model");
  const json::value* const words = model == nullptr ? nullptr : find_member(*model, "vocab");
  if (words == nullptr || !words->is_object()) return {};
  std::vector<std::string> tokens(words->get_object().size());
  for (const auto& [token, number] : words->get_object()) {
    const std::int64_t at = number.is_int64() ? number.get_int64() : -1;
    if (at < 0 || static_cast<std::size_t>(at) >= tokens.size()) return {};
    tokens[static_cast<std::size_t>(at)] = token;
  }
  return tokens;
}

Result<std::vector<std::string>> read_vocabulary(const fs::path& directory) {
  if (const auto lines = read_file(directory / "vocab.txt"); lines) return vocabulary_of_lines(*lines);
  auto tokenizer = read_json(directory / "tokenizer.json");
  if (!tokenizer) return fail(tokenizer);
  auto tokens = vocabulary_of_json(*tokenizer);
  if (tokens.empty())
    return fail(Code::not_found,
                directory.string() + " has no vocab.txt, nor a tokenizer.json with a WordPiece vocabulary");
  return tokens;
}

}  // namespace

Result<ModelDescription> describe_model(const fs::path& directory) {
  ModelDescription model;
  const fs::path named = directory.has_filename() ? directory : directory.parent_path();
  model.name = named.filename().string();
  auto config = read_json(directory / "config.json");
  if (!config) return fail(config);
  auto understood = read_config(*config, model);
  if (!understood) {
    Error error = std::move(understood.error());
    error.message = directory.string() + ": " + error.message;
    return fail(std::move(error));
  }
  auto modules = read_modules(directory, model);
  if (!modules) return fail(modules);
  auto tokenizer = read_json(directory / "tokenizer_config.json");
  if (!tokenizer) return fail(tokenizer);
  read_tokenizer(*tokenizer, model.tokenizer);
  auto window = read_window(directory, *tokenizer, model);
  if (!window) return fail(window);
  auto vocabulary = read_vocabulary(directory);
  if (!vocabulary) return fail(vocabulary);
  if (vocabulary->size() > model.vocabulary_size)
    return fail(Code::invalid_request, "the vocabulary has more tokens than config.json's vocab_size");
  model.vocabulary = *std::move(vocabulary);
  return model;
}

}  // namespace weir::model::bert
