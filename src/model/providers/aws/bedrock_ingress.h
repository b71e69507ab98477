// model/providers/aws/bedrock_ingress.h: answers of the Claude API as Bedrock's InvokeModel gives them, for
// clients that speak Bedrock's API to Weir. Pure but for the clock that tells the latency.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "model/dialects/dialect.h"
#include "net/headers.h"
#include "net/sse/sse.h"

namespace weir::model {

constexpr std::string_view kEventStreamType = "application/vnd.amazon.eventstream";

// What an answer used, as Bedrock counts: input without what the cache gave or took.
struct BedrockCounts {
  std::int64_t input = 0;
  std::int64_t output = 0;
  std::int64_t cache_read = 0;
  std::int64_t cache_write = 0;
};

// The fields of an answer in one piece: content-type, x-amzn-requestid and x-amzn-bedrock-*. Counts are left
// out when `message` (the answer's body) holds no usage.
net::Headers bedrock_reply_fields(std::string_view message, std::string_view request_id,
                                  std::chrono::nanoseconds latency);
// Those of a streamed answer, which has its counts in the last frame.
net::Headers bedrock_stream_fields(std::string_view request_id);

// An error of the Claude API as Bedrock would answer it.
struct BedrockError {
  int status = 500;
  std::string type;  // "ValidationException", for x-amzn-errortype
  std::string body;  // {"message":…}
};
BedrockError bedrock_error(int status, std::string_view body);

// Server-sent events become frames with the same bytes inside. Pings are left out, as Bedrock sends none;
// the last event gets Bedrock's metrics.
class MessagesToBedrock final : public ReplyTranslator {
 public:
  explicit MessagesToBedrock(const Clock& clock) : clock_(clock), started_(clock.monotonic()) {}

  Result<std::string> whole(std::string_view body) override;
  Result<> feed(std::string_view bytes, std::string& out) override;
  void finish(std::string& out) override;
  std::string error(int status, std::string_view body) override;

 private:
  Result<> take(std::string_view data, std::string& out);
  std::string metrics() const;

  const Clock& clock_;
  const Monotonic started_;
  std::optional<Monotonic> first_at_;
  net::SseParser parser_;
  BedrockCounts counts_;
  bool ended_ = false;
};

}  // namespace weir::model
