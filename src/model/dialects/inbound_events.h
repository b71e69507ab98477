// model/dialects/inbound_events.h: the events of a Messages stream, one at a time. What is relayed comes as
// a view of its own JSON, ready to be copied: this runs once per token of every translated answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::model::inbound {

// The counts of a usage object. Input, cache writes and cache reads are disjoint.
struct MessageUsage {
  std::int64_t input_tokens = 0;
  std::int64_t cache_write_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  std::int64_t output_tokens = 0;  // with thinking_tokens
  std::int64_t thinking_tokens = 0;

  std::int64_t prompt_tokens() const { return input_tokens + cache_write_tokens + cache_read_tokens; }
  std::int64_t total_tokens() const { return prompt_tokens() + output_tokens; }
};

// What a message tells about itself; in a stream the last event that tells it wins.
struct MessageFacts {
  std::string id;
  std::string model;
  std::string service_tier;  // of its usage
  std::string stop_reason;
  std::string explanation;  // of stop_details, when the model refused
  MessageUsage usage;
  std::string error_type;  // of an error event
  std::string error_message;
};

struct MessagesEvent {
  enum class Kind : std::uint8_t {
    message_start,
    block_start,
    text,
    thinking,
    signature,
    arguments,  // input_json_delta
    block_stop,
    message_delta,
    message_stop,
    ping,
    error,
    other,  // known to nobody here, or of no use to an OpenAI client: citations, compactions
  };
  Kind kind = Kind::other;
  std::int64_t index = -1;      // of the block
  std::string_view block_type;  // block_start: "text", "tool_use"…
  // JSON strings with their quotes; empty: absent.
  std::string_view id;     // block_start
  std::string_view name;   // block_start
  std::string_view text;   // of a delta; at block_start the text, thinking or redacted data it begins with
  std::string_view input;  // block_start: JSON of the tool's input, whatever it is
};

class MessagesReader {
 public:
  MessagesReader();
  ~MessagesReader();
  MessagesReader(const MessagesReader&) = delete;
  MessagesReader& operator=(const MessagesReader&) = delete;

  // Takes bytes from the front of `bytes` up to the end of the next event, or all of them (nullptr). The
  // event's views hold until the next call. upstream_failed: it is not what the API says; the reader is of
  // no use after that.
  Result<const MessagesEvent*> next(std::string_view& bytes);
  const MessageFacts& message() const { return message_; }

 private:
  struct Memory;

  Result<bool> take_line(std::string_view line);
  bool parse();

  std::unique_ptr<Memory> memory_;
  MessagesEvent event_;
  MessageFacts message_;
  std::string line_;         // the beginning of a line that an earlier piece held
  std::string data_;         // of the event
  bool handed_out_ = false;  // data_ is that of the last event, into which its views point
  bool after_cr_ = false;
  bool at_start_ = true;  // of the stream, where a byte order mark may stand
  std::size_t size_ = 0;  // of the answer so far
};

}  // namespace weir::model::inbound
