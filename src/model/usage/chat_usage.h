// model/usage/chat_usage.h: the usage that OpenAI's chat completions and embeddings tell.
#pragma once

#include <string>

#include "model/dialects/chat_chunk.h"
#include "model/usage/usage_reader.h"

namespace weir::model {

// A stream tells its usage in a chunk of its own, and only when it was asked to
// (stream_options.include_usage).
class ChatUsage final : public UsageReader {
 public:
  EventKindOf event_kinds() const override;
  std::uint64_t delta_envelope_bytes() const override { return 0; }  // every chunk is read
  void read_event(std::string& data, StreamProgress& progress, MessageReport& report) override;
  void read_frame(const net::Frame&, StreamProgress&, MessageReport&) override {}  // it has none
  BodyRead read_body(std::string& json, MessageReport& report) override;

 private:
  void take(MessageReport& report) const;

  ChatChunkReader reader_;
};

}  // namespace weir::model
