#include "data/cassettes/writer.h"

#include <filesystem>
#include <fstream>

namespace weir::data {
namespace {

std::size_t size_of(const Cassette& cassette) {
  return cassette.request.body.size() + cassette.response.body.size() +
         cassette.response.chunks.size() * sizeof(CassetteChunk) + cassette.request.path.size() + 2'048;
}

}  // namespace

CassetteWriter::CassetteWriter(CassetteWriterConfig config, Random& random, observe::Log& log,
                               observe::Metrics& metrics)
    : config_(std::move(config)),
      redactor_(config_.redaction),
      random_(random),
      log_(log),
      metrics_(metrics),
      written_(metrics.counter("weir_cassettes_written_total", "Recorded exchanges that were written.")),
      thread_([this] { run(); }) {}

CassetteWriter::~CassetteWriter() {
  finish();
}

void CassetteWriter::finish() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<> CassetteWriter::open() {
  std::error_code ec;
  std::filesystem::create_directories(config_.directory, ec);
  if (ec) return fail(Code::invalid_request, "cannot make " + config_.directory + ": " + ec.message());
  if (config_.directory_size_max == 0) return {};
  for (const auto& entry : std::filesystem::directory_iterator(config_.directory, ec)) {
    const auto size = entry.is_regular_file(ec) ? entry.file_size(ec) : 0;
    if (!ec) directory_size_ += size;
  }
  full_ = directory_size_ >= config_.directory_size_max;
  if (full_)
    log_.warn("no more exchanges are recorded: the directory is full", {{"directory", config_.directory}});
  return {};
}

bool CassetteWriter::is_full() const {
  return full_;
}

void CassetteWriter::write(Cassette cassette) {
  const std::size_t size = size_of(cassette);
  {
    const std::lock_guard lock(mutex_);
    if (queued_size_ + size <= config_.queue_size_max) {
      queued_size_ += size;
      queue_.push_back(std::move(cassette));
      ready_.notify_one();
      return;
    }
  }
  drop("queue_full");
}

void CassetteWriter::drop(std::string_view reason) {
  metrics_
      .counter("weir_cassettes_dropped_total", "Recorded exchanges that were not kept.", {{"reason", reason}})
      .add();
  if (dropped_count_++ == 0)
    log_.warn("a recorded exchange was dropped; further ones are counted", {{"reason", reason}});
}

void CassetteWriter::run() {
  while (true) {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Cassette cassette = std::move(queue_.front());
    queue_.pop_front();
    queued_size_ -= size_of(cassette);
    lock.unlock();
    if (full_) {
      drop("directory_full");
      continue;
    }
    if (const auto stored = store(std::move(cassette)); stored) {
      written_.add();
      ++written_count_;
    } else {
      log_.warn("a recorded exchange cannot be written", {{"error", stored.error().message}});
      drop(full_ ? "directory_full" : "disk");
    }
  }
}

// Under another name first, so that nobody reads half a cassette.
Result<> CassetteWriter::store(Cassette cassette) {
  redactor_.redact(cassette);
  const std::string text = write_cassette(cassette);
  if (config_.directory_size_max > 0 && directory_size_ + text.size() > config_.directory_size_max) {
    full_ = true;
    return fail(Code::overloaded, config_.directory + " has as much as it may; no more is recorded");
  }
  directory_size_ += text.size();
  const std::filesystem::path directory(config_.directory);
  const std::string name = cassette_name(cassette, random_.next_u64());
  const auto unfinished = directory / (name + ".part");
  std::ofstream file(unfinished, std::ios::binary);
  file << text;
  file.close();
  std::error_code ec;
  if (file) std::filesystem::rename(unfinished, directory / (name + ".json"), ec);
  if (!file || ec) return fail(Code::internal, "cannot write " + unfinished.string());
  return {};
}

}  // namespace weir::data
