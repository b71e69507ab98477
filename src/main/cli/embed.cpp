// weir embed: texts → vectors of the model in the process.
#include <algorithm>
#include <charconv>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <numeric>

#include "base/clock.h"
#include "base/text.h"
#include "main/cli/await.h"
#include "main/cli/commands.h"
#include "model/embedders/find_model.h"
#include "model/embedders/local.h"

namespace weir::main {
namespace {

constexpr std::size_t kTextsMax = 10'000'000;  // of one command
constexpr std::int64_t kThreadsMax = 256, kRoundsMax = 1'000;

constexpr Flag kFlags[] = {
    kDataFlag,
    kConfigFlag,
    {"--file", "FILE",
     "one text in each line; of a .jsonl a JSON string or an object with \"text\"; - is stdin"},
    {"--model", "DIR", "the model's directory (embedder.model_directory)"},
    {"--kernels", "NAME", "how it computes (embedder.kernels)"},
    {"--threads", "N", "threads that compute (default: 1)"},
    {"--query", "", "the texts are searched with, not searched through"},
    {"--tokens", "", "print the numbers of the tokens instead of vectors"},
    {"--bench", "", "print how fast the texts are embedded instead of their vectors"},
    {"--rounds", "N", "with --bench: how often; the best counts (default: 3)"},
};

constexpr std::string_view kHelp =
    R"(Prints one line of JSON for each text: {"embedding":[…]}, of length 1.

Examples:
  weir embed "How do I rotate a key?" --query
  weir embed --file texts.jsonl > vectors.jsonl
  weir embed --bench --file texts.jsonl --kernels avx2
)";

struct Loaded {
  model::LocalEmbedderConfig config;
  std::unique_ptr<model::bert::Encoder> encoder;
  double load_ms = 0;
};

double milliseconds_since(const Clock& clock, Monotonic begin) {
  return std::chrono::duration<double, std::milli>(clock.monotonic() - begin).count();
}

// Of all threads of this process.
double processor_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

Result<Loaded> load_model(const Arguments& arguments, const World& world, const Clock& clock) {
  auto loaded = load_for(arguments, world);
  if (!loaded) return fail(loaded);
  model::LocalEmbedderConfig config = loaded->config.embedder.local;
  const std::string named = arguments.get("--model", config.model_directory);
  config.model_directory = model::find_model(named, loaded->config.data_dir);
  config.kernels = arguments.get("--kernels", config.kernels);
  if (config.model_directory.empty()) {
    std::string places;
    for (const auto& place : model::model_places(named, loaded->config.data_dir))
      places += " " + place.string();
    return fail(Code::not_found, "there is no model in" + places, "name its directory with --model");
  }
  const Monotonic begin = clock.monotonic();
  auto encoder = model::load_encoder(config);
  if (!encoder) return fail(encoder);
  return Loaded{std::move(config), *std::move(encoder), milliseconds_since(clock, begin)};
}

Result<std::string> text_of_line(std::string_view line, bool is_json) {
  if (!is_json) return std::string(line);
  const auto parsed = parse_json(line);
  if (parsed && parsed->is_string()) return std::string(parsed->get_string());
  const json::value* const text = parsed ? find_member(*parsed, "text") : nullptr;
  if (text == nullptr || !text->is_string())
    return fail(Code::invalid_request, "a line is neither a JSON string nor an object with \"text\": " +
                                           std::string(first_code_points(line, 60)));
  return std::string(text->get_string());
}

Result<std::vector<std::string>> read_texts(const Arguments& arguments) {
  std::vector<std::string> texts = arguments.positionals;
  if (!arguments.has("--file")) {
    if (texts.empty()) return fail(Code::invalid_request, "name texts, or a file of them with --file");
    return texts;
  }
  const std::string path = arguments.get("--file");
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return fail(Code::invalid_request, path + " cannot be opened");
  }
  std::istream& in = path == "-" ? std::cin : file;
  for (std::string line; std::getline(in, line);) {
    if (texts.size() == kTextsMax) return fail(Code::too_large, "more than ten million texts; cut the file");
    auto text = text_of_line(line, path.ends_with(".jsonl"));
    if (!text) return fail(text);
    texts.push_back(*std::move(text));
  }
  return texts;
}

std::int64_t number_flag(const Arguments& arguments, const std::string& flag, std::int64_t otherwise,
                         std::int64_t max) {
  const auto given = parse_int(arguments.get(flag));
  return given ? std::clamp<std::int64_t>(*given, 1, max) : otherwise;
}

std::vector<model::bert::TokenId> tokens_of(const model::bert::Encoder& encoder, std::string_view text) {
  std::vector<model::bert::TokenId> tokens;
  encoder.tokenizer().append(text, encoder.model().tokens_max, tokens);
  return tokens;
}

void print_vector(std::ostream& out, std::span<const float> vector) {
  std::string line = "{\"embedding\":[";
  std::array<char, 32> digits{};
  for (const float value : vector) {
    if (line.back() != '[') line += ',';
    line.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
  }
  out << line << "]}\n";
}

// The embedder and the threads that it needs, for one command.
class Bench {
 public:
  Bench(Loaded loaded, std::size_t threads, const Clock& clock)
      : log_({.level = observe::Level::warn}, clock),
        queries_("query", threads, loaded.config.queue_max),
        documents_("document", threads, loaded.config.queue_max),
        embedder_(loaded.config, std::move(loaded.encoder), queries_, documents_) {}

  Result<model::Embeddings> embed(const std::vector<std::string>& texts, model::EmbedPurpose purpose) {
    const std::function<Task<Result<model::Embeddings>>()> work = [&] {
      return embedder_.embed(texts, purpose);
    };
    return await(log_, work);
  }

 private:
  observe::Log log_;
  net::WorkerPool queries_, documents_;
  model::LocalEmbedder embedder_;
};

struct Timing {
  double wall_s = 0, processor_s = 0;
};

Result<Timing> best_of(Bench& bench, const std::vector<std::string>& texts, model::EmbedPurpose purpose,
                       std::int64_t rounds, const Clock& clock) {
  Timing best{1e9, 1e9};
  for (std::int64_t i = 0; i < rounds; ++i) {
    const Monotonic begin = clock.monotonic();
    const double used = processor_seconds();
    const auto made = bench.embed(texts, purpose);
    if (!made) return std::unexpected(made.error());
    best.wall_s = std::min(best.wall_s, milliseconds_since(clock, begin) / 1'000);
    best.processor_s = std::min(best.processor_s, processor_seconds() - used);
  }
  return best;
}

int run_bench(const std::vector<std::string>& texts, const Arguments& arguments, Loaded loaded,
              World& world) {
  constexpr std::int64_t kQueryRounds = 50;
  const SystemClock clock;
  std::size_t tokens = 0;
  for (const std::string& text : texts) tokens += tokens_of(*loaded.encoder, text).size();
  const std::string kernels(loaded.encoder->kernels().name);
  const double load_ms = loaded.load_ms;
  const auto threads = static_cast<std::size_t>(number_flag(arguments, "--threads", 1, kThreadsMax));
  Bench bench(std::move(loaded), threads, clock);
  const std::int64_t rounds = number_flag(arguments, "--rounds", 3, kRoundsMax);
  const auto all = best_of(bench, texts, model::EmbedPurpose::document, rounds, clock);
  if (!all) return report(world, all.error());
  const std::vector<std::string> query{"how many requests may a client send in fifteen minutes"};
  const auto one = best_of(bench, query, model::EmbedPurpose::query, kQueryRounds, clock);
  if (!one) return report(world, one.error());
  world.out << to_json({{"kernels", kernels},
                        {"threads", threads},
                        {"load_ms", load_ms},
                        {"texts", texts.size()},
                        {"tokens", tokens},
                        {"seconds", all->wall_s},
                        {"processor_seconds", all->processor_s},
                        {"tokens_per_s", static_cast<double>(tokens) / all->wall_s},
                        {"query_ms", one->wall_s * 1'000}})
            << '\n';
  return kExitOk;
}

int run(const Arguments& arguments, World& world) {
  constexpr std::size_t kTextsAtOnce = 1'024;
  const SystemClock clock;
  auto texts = read_texts(arguments);
  if (!texts) return report(world, texts.error());
  auto loaded = load_model(arguments, world, clock);
  if (!loaded) return report(world, loaded.error());
  if (arguments.has("--bench")) return run_bench(*texts, arguments, *std::move(loaded), world);
  if (arguments.has("--tokens")) {
    for (const std::string& text : *texts)
      world.out << to_json({{"tokens", json::value_from(tokens_of(*loaded->encoder, text))}}) << '\n';
    return kExitOk;
  }
  const auto purpose = arguments.has("--query") ? model::EmbedPurpose::query : model::EmbedPurpose::document;
  const auto threads = static_cast<std::size_t>(number_flag(arguments, "--threads", 1, kThreadsMax));
  Bench bench(*std::move(loaded), threads, clock);
  for (std::size_t begin = 0; begin < texts->size(); begin += kTextsAtOnce) {
    const auto first = texts->begin() + static_cast<std::ptrdiff_t>(begin);
    const auto count = std::min(kTextsAtOnce, texts->size() - begin);
    const auto made = bench.embed({first, first + static_cast<std::ptrdiff_t>(count)}, purpose);
    if (!made) return report(world, made.error());
    for (std::size_t i = 0; i < made->size(); ++i) print_vector(world.out, made->row(i));
  }
  return kExitOk;
}

}  // namespace

const Command kEmbedCommand = {"embed", "turn texts into vectors", "[TEXT…]", 0, kTextsMax, kFlags, kHelp,
                               run};

}  // namespace weir::main
