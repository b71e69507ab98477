// The server's session of HTTP/2: any frames, answered as a driver would; and, while nothing is answered, the
// same requests however the bytes are cut into reads. The input is what a client sends after its preface.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/http2/server_session.h"

namespace {

using weir::net::http2::ServerSession;
using weir::net::http2::ServerStream;
using weir::net::http2::StreamOwner;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

weir::net::ServerConfig limits() {
  weir::net::ServerConfig config;
  config.head_size_max = 2'048;
  config.target_size_max = 512;
  config.fields_max = 16;
  config.body_size_max = 4'096;
  config.h2_streams_max = 8;
  config.h2_stream_window_bytes = 16'384;
  return config;
}

// Takes what arrives and answers every request at its end, or at once when it is to be refused.
class Driver final : private ServerSession::Listener, private StreamOwner {
 public:
  explicit Driver(bool answers) : answers_(answers), config_(limits()), session_(config_, *this) {}

  void take(std::string_view bytes) {
    session_.receive_at(bytes, weir::Monotonic(1));
    if (!answers_) return;
    for (const std::int32_t id : std::vector<std::int32_t>(open_)) serve(id);
    out_.clear();
    session_.gather(out_, 64 * 1024);
    WEIR_ASSERT(out_.size() <= 96 * 1024);
    std::erase_if(open_, [this](std::int32_t id) {
      auto* const stream = session_.find(id);
      if (stream == nullptr || !stream->closed) return false;
      session_.forget(*stream);
      return true;
    });
  }
  const std::string& transcript() const { return transcript_; }

 private:
  void on_request(ServerStream& stream) override {
    stream.owner = this;
    open_.push_back(stream.id);
    const weir::net::Request& request = stream.request;
    WEIR_ASSERT(!request.method.empty());
    for (const weir::net::Field field : request.headers) WEIR_ASSERT(!field.name.starts_with(':'));
    WEIR_ASSERT(stream.head.refusal() || !request.path.empty());
    transcript_ +=
        std::to_string(stream.id) + ' ' + request.method + ' ' + request.target + ' ' + request.authority;
    transcript_ +=
        stream.head.refusal() ? " refused " + std::to_string(stream.head.refusal()->status) + '\n' : "\n";
  }
  void on_drained() override {}
  void on_refused(std::string_view) override {}
  void on_progress() override {}
  void on_closed() override {}

  void serve(std::int32_t id) {
    auto* const stream = static_cast<ServerStream*>(session_.find(id));
    if (stream == nullptr || stream->closed) return;
    WEIR_ASSERT(stream->inbound.size() <= config_.h2_stream_window_bytes);
    session_.consume(*stream, stream->inbound.size());
    stream->inbound.clear();
    if (stream->outbound_ended) return;
    if (!stream->inbound_ended && !stream->head.refusal() && !stream->too_large) {
      if (stream->head.expects_continue() && stream->received == 0) session_.send_continue(*stream);
      return;
    }
    stream->outbound = "an answer";
    stream->outbound_ended = true;
    weir::net::Headers headers;
    headers.add("content-type", "text/plain");
    WEIR_ASSERT(session_.respond(*stream, 200, headers, 9, "Thu, 01 Jan 1970 00:00:00 GMT", true));
    if (!stream->inbound_ended) session_.discard_body(*stream, 1'024);
  }

  const bool answers_;
  const weir::net::ServerConfig config_;
  ServerSession session_;
  std::vector<std::int32_t> open_;
  std::string out_;
  std::string transcript_;
};

// The requests in these bytes. `cuts` seeds the sizes of the pieces; 0: one piece.
std::string transcript(std::string_view bytes, std::size_t cuts, bool answers) {
  Driver driver(answers);
  driver.take(kPreface);
  while (!bytes.empty()) {
    cuts = cuts * 7'919;
    const std::size_t size = cuts == 0 ? bytes.size() : std::min(bytes.size(), 1 + (cuts >> 8U) % 37);
    driver.take(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return driver.transcript();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  transcript(bytes, 0, true);
  transcript(bytes, 2 * size + 1, true);
  // Which streams are still open when a frame comes depends on what has been answered, hence on the cuts:
  // equal only while nothing is.
  WEIR_ASSERT(transcript(bytes, 2 * size + 12'345, false) == transcript(bytes, 0, false));
  return 0;
}
