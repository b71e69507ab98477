#include "observe/log.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

#include "base/json.h"
#include "observe/log_format.h"

namespace weir::observe {
namespace {

constexpr std::string_view kRedacted = "[redacted]";
// Anything shorter occurs by chance, and would eat the entries' own words.
constexpr std::size_t kRedactMin = 4;
// A burst may grow the two buffers beyond this; they do not keep the memory.
constexpr std::size_t kBufferKept = 1024 * 1024;  // bytes
// Of the entries that wait, beside their number: what they are made of is the clients' choice in part.
constexpr std::size_t kQueueBytesMax = 8 * 1024 * 1024;
// Under load entries gather this long, or until there are this many bytes, so that the kernel is asked
// for a wake-up and a write some times a second and not for every entry.
constexpr std::chrono::milliseconds kGatherTime{20};
constexpr std::size_t kGatherSize = 64 * 1024;

using Bytes16 = unsigned char __attribute__((vector_size(16)));
Bytes16 load16(const char* at) {
  Bytes16 bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

// Looks at 16 places at a time for the first and the last byte of `what`, and only where both fit for the
// rest: every entry is searched for every secret, and memmem takes four times as long.
std::size_t find_from(std::string_view text, std::size_t at, std::string_view what) {
  const std::size_t last = what.size() - 1;
  const auto first_byte = static_cast<unsigned char>(what[0]),
             last_byte = static_cast<unsigned char>(what[last]);
  for (; text.size() - at >= last + sizeof(Bytes16); at += sizeof(Bytes16)) {
    const char* const here = text.data() + at;
    const auto fits = (load16(here) == first_byte) & (load16(here + last) == last_byte);
    if (__builtin_reduce_or(fits) == 0) continue;
    const std::size_t found = text.substr(at, last + sizeof(Bytes16)).find(what);
    if (found != std::string_view::npos) return at + found;
  }
  return text.find(what, at);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = find_from(text, 0, from); at != std::string::npos;
       at = find_from(text, at + to.size(), from)) {
    text.replace(at, from.size(), to);
  }
}

// Writes everything, over short writes and a non-blocking descriptor. False when the other end is gone.
bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd waiting{fd, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

class Log::Impl {
 public:
  Impl(LogConfig config, const Clock& clock, int fd)
      : level(config.level),
        json(config.format == LogFormat::json ||
             (config.format == LogFormat::automatic && ::isatty(fd) == 0)),
        colour(::isatty(fd) == 1 && std::getenv("NO_COLOR") == nullptr),
        clock_(clock),
        queue_max_(config.queue_max),
        fd_(fd),
        writer_([this] { run(); }) {}

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    ready_.notify_one();
    urgent_.notify_one();
    writer_.join();
  }

  std::string format(Level entry_level, std::string_view message, const Attributes& attributes,
                     std::string_view event_name) const {
    const WallTime now = clock_.wall();
    return json ? format_json(now, entry_level, message, attributes, event_name)
                : format_pretty(now, entry_level, message, attributes, event_name, colour);
  }

  void push(std::string_view line) {
    bool first = false;
    bool many = false;
    {
      const std::lock_guard lock(mutex_);
      if (pending_count_ >= queue_max_ || pending_.size() + line.size() > kQueueBytesMax) {
        ++dropped_;
        return;
      }
      first = pending_count_++ == 0;
      many = pending_.size() < kGatherSize && pending_.size() + line.size() >= kGatherSize;
      pending_ += line;
      ++accepted_;
    }
    if (first) ready_.notify_one();
    if (many) urgent_.notify_one();
  }

  void redact(std::string_view secret) {
    if (secret.size() < kRedactMin) return;
    std::string escaped;  // as it stands inside a JSON entry
    append_json_string(escaped, secret);
    escaped = escaped.substr(1, escaped.size() - 2);
    const std::lock_guard lock(mutex_);
    for (const std::string_view spelling : {secret, std::string_view(escaped)}) {
      if (std::ranges::find(secrets_, spelling) == secrets_.end()) secrets_.emplace_back(spelling);
    }
    // The longest first: a secret that contains another must not leave its tail behind.
    std::ranges::sort(secrets_, std::ranges::greater{}, &std::string::size);
  }

  void flush() {
    std::unique_lock lock(mutex_);
    const std::uint64_t before = accepted_;
    ++flushing_;
    urgent_.notify_one();
    written_changed_.wait(lock, [&] { return written_ >= before; });
    --flushing_;
  }

  std::uint64_t dropped() const { return dropped_; }

  const Level level;
  const bool json;
  const bool colour;

 private:
  // The writer: takes all lines that are there, and gives them to the kernel in one write.
  void run() {
    std::string batch;
    std::vector<std::string> secrets;
    std::uint64_t reported_drops = 0;
    std::unique_lock lock(mutex_);
    while (true) {
      ready_.wait(lock, [&] { return closed_ || pending_count_ > 0; });
      if (pending_count_ == 0) return;
      urgent_.wait_for(lock, kGatherTime,
                       [&] { return closed_ || flushing_ > 0 || pending_.size() >= kGatherSize; });
      batch.clear();
      batch.swap(pending_);
      const std::size_t count = std::exchange(pending_count_, 0);
      if (secrets != secrets_) secrets = secrets_;
      lock.unlock();

      const std::uint64_t drops = dropped_;
      if (drops != reported_drops) {
        batch += format(Level::warn, "log entries were dropped: the queue was full",
                        {{"weir.log.dropped", drops - reported_drops}}, {});
        reported_drops = drops;
      }
      for (const std::string& secret : secrets) replace_all(batch, secret, kRedacted);
      if (!write_all(fd_, batch)) dropped_ += count;
      if (batch.capacity() > kBufferKept) std::string().swap(batch);

      lock.lock();
      written_ += count;
      written_changed_.notify_all();
    }
  }

  const Clock& clock_;
  const std::size_t queue_max_;
  const int fd_;

  mutable std::mutex mutex_;
  std::condition_variable ready_, urgent_, written_changed_;
  std::string pending_;  // whole lines; swapped with the writer's, so that neither allocates for long
  std::size_t pending_count_ = 0;
  std::uint64_t accepted_ = 0, written_ = 0;  // entries
  std::vector<std::string> secrets_;
  int flushing_ = 0;  // callers of flush()
  bool closed_ = false;
  std::atomic<std::uint64_t> dropped_{0};

  std::thread writer_;  // last: it uses everything above
};

Log::Log(LogConfig config, const Clock& clock, int fd) : impl_(std::make_unique<Impl>(config, clock, fd)) {}
Log::~Log() = default;

bool Log::enabled(Level level) const {
  return level >= impl_->level;
}

void Log::write(Level level, std::string_view message, const Attributes& attributes,
                std::string_view event_name) {
  if (!enabled(level)) return;
  impl_->push(impl_->format(level, message, attributes, event_name));
}

void Log::redact(std::string_view secret) {
  impl_->redact(secret);
}
std::uint64_t Log::dropped() const {
  return impl_->dropped();
}
void Log::flush() {
  impl_->flush();
}

}  // namespace weir::observe
