#include "model/embedders/local.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "base/text.h"

namespace weir::model {
namespace {

std::string kernel_names() {
  std::string names;
  for (const bert::Kernels* set : bert::usable_kernels()) names += ", " + std::string(set->name);
  return "auto" + names;
}

}  // namespace

Result<> LocalEmbedderConfig::check() const {
  if (bert::find_kernels(kernels) == nullptr)
    return fail(Code::invalid_request, "this processor or this build has no kernels \"" + kernels + "\"",
                "it has " + kernel_names());
  return {};
}

Result<std::unique_ptr<bert::Encoder>> load_encoder(const LocalEmbedderConfig& config) {
  auto good = config.check();
  if (!good) return fail(good);
  auto encoder = bert::Encoder::load(config.model_directory, *bert::find_kernels(config.kernels));
  if (!encoder) return encoder;
  const std::string& revision = (*encoder)->revision();
  if (!config.model_sha256.empty() && !iequals(config.model_sha256, revision))
    return fail(Code::invalid_request,
                "the weights in " + config.model_directory + " have the SHA-256 " + revision,
                "embedder.model_sha256 asks for another: fetch the model again, or change the setting");
  return encoder;
}

class LocalEmbedder::Shared {
 public:
  explicit Shared(std::unique_ptr<bert::Encoder> encoder) : encoder_(std::move(encoder)) {}

  const bert::Encoder& encoder() const { return *encoder_; }

  void encode(const bert::TokenBatch& batch, std::span<float> out) {
    std::unique_ptr<bert::Workspace> workspace = take();
    encoder_->encode(batch, *workspace, out);
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(workspace));
  }

 private:
  std::unique_ptr<bert::Workspace> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<bert::Workspace>();
    auto workspace = std::move(idle_.back());
    idle_.pop_back();
    return workspace;
  }

  const std::unique_ptr<bert::Encoder> encoder_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<bert::Workspace>> idle_;  // at most one for each thread
};

// The texts of one call. The first thread cuts them into batches and asks others to help; each takes the
// next batch until there is none, and the first one waits for what the others still have in hand.
class LocalEmbedder::Job : public std::enable_shared_from_this<Job> {
 public:
  Job(std::shared_ptr<Shared> shared, std::vector<std::string> texts, EmbedPurpose purpose)
      : shared_(std::move(shared)), texts_(std::move(texts)), purpose_(purpose) {}

  Result<Embeddings> run(net::WorkerPool& pool, std::size_t batch_tokens) {
    tokenise(batch_tokens);
    values_.resize(texts_.size() * width());
    const std::size_t helpers = std::min(pool.threads(), batches_.size());
    // A full queue is no failure: then this thread does it alone.
    for (std::size_t i = 1; i < helpers; ++i) pool.post([self = shared_from_this()] { self->work(); });
    work();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return finished_ == batches_.size(); });
    return Embeddings(static_cast<std::uint32_t>(width()), std::move(values_));
  }

  void abandon() { abandoned_ = true; }  // nobody waits for the vectors any more

 private:
  struct Batch {
    std::size_t first_text = 0;
    bert::TokenBatch tokens;
  };

  std::size_t width() const { return shared_->encoder().model().hidden_size; }

  void tokenise(std::size_t batch_tokens) {
    const bert::ModelDescription& model = shared_->encoder().model();
    const std::string& prefix = purpose_ == EmbedPurpose::query ? model.query_prefix : model.document_prefix;
    std::vector<bert::TokenId> tokens;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      tokens.clear();
      const std::string& text = prefix.empty() ? texts_[i] : texts_[i].insert(0, prefix);
      shared_->encoder().tokenizer().append(text, model.tokens_max, tokens);
      if (batches_.empty() || batches_.back().tokens.tokens.size() + tokens.size() > batch_tokens)
        batches_.push_back({.first_text = i, .tokens = {}});
      bert::TokenBatch& batch = batches_.back().tokens;
      batch.tokens.insert(batch.tokens.end(), tokens.begin(), tokens.end());
      batch.ends.push_back(batch.tokens.size());
    }
  }

  void work() {
    while (true) {
      const std::size_t next = next_batch_.fetch_add(1);
      if (next >= batches_.size()) return;
      const Batch& batch = batches_[next];
      const std::span<float> out =
          std::span(values_).subspan(batch.first_text * width(), batch.tokens.ends.size() * width());
      if (!abandoned_) shared_->encode(batch.tokens, out);
      const std::lock_guard lock(mutex_);
      if (++finished_ == batches_.size()) done_.notify_one();
    }
  }

  const std::shared_ptr<Shared> shared_;
  std::vector<std::string> texts_;
  const EmbedPurpose purpose_;
  std::vector<Batch> batches_;
  std::vector<float> values_;
  std::atomic<bool> abandoned_{false};
  std::atomic<std::size_t> next_batch_{0};
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t finished_ = 0;
};

LocalEmbedder::LocalEmbedder(const LocalEmbedderConfig& config, std::unique_ptr<bert::Encoder> encoder,
                             net::WorkerPool& queries, net::WorkerPool& documents)
    : identity_{.model = encoder->model().name,
                .revision = encoder->revision(),
                .dimensions = encoder->model().hidden_size},
      batch_tokens_(config.batch_tokens),
      shared_(std::make_shared<Shared>(std::move(encoder))),
      queries_(queries),
      documents_(documents) {}

LocalEmbedder::~LocalEmbedder() = default;

Task<Result<Embeddings>> LocalEmbedder::embed(std::vector<std::string> texts, EmbedPurpose purpose) {
  net::WorkerPool& pool = purpose == EmbedPurpose::query ? queries_ : documents_;
  const auto job = std::make_shared<Job>(shared_, std::move(texts), purpose);
  struct Abandon {
    Job& job;
    ~Abandon() { job.abandon(); }
  };
  const Abandon when_cancelled{*job};
  auto work = [job, &pool, batch_tokens = batch_tokens_] { return job->run(pool, batch_tokens); };
  co_return co_await pool.run(std::move(work));
}

}  // namespace weir::model
