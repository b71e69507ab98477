// model/usage/messages_usage.h: the usage that Anthropic's Messages API tells (types/usage.py of
// anthropic 2.12).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/json_fields.h"
#include "model/usage/usage_reader.h"

namespace weir::model {

class MessagesUsage final : public UsageReader {
 public:
  EventKindOf event_kinds() const override;
  // {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}} and the usual padding.
  std::uint64_t delta_envelope_bytes() const override { return 88; }
  void read_event(std::string& data, StreamProgress& progress, MessageReport& report) override;
  void read_frame(const net::Frame&, StreamProgress&, MessageReport&) override {}  // it has none
  BodyRead read_body(std::string& json, MessageReport& report) override;
};

// Reads a message, an event's data or an error body, and its type. False when `json` is broken: what stands
// before the break counts. `json` may be given more capacity, its contents stay.
bool read_messages_document(std::string& json, std::string& type, MessageReport& report);

// The token counts of one usage object, which may come in any order.
class MessagesCounts {
 public:
  explicit MessagesCounts(data::Usage& usage) : usage_(usage) {}

  void take(std::string_view name, ondemand::value value);
  // The total of cache writes is the sum of its kinds; what it has beyond them, or when it stands alone,
  // is of the ordinary five-minute kind.
  void end();

 private:
  data::Usage& usage_;
  std::optional<std::int64_t> cache_writes_;
};

// A member of a usage object: a count, or what else tells the price.
void read_messages_usage_member(std::string_view name, ondemand::value value, MessagesCounts& counts,
                                MessageReport& report);
// A member of a message, or of an event's data; message_start holds a message.
void read_messages_member(std::string_view name, ondemand::value value, MessageReport& report);
// What an event of that type says about the stream. `read`: its data was whole.
void note_messages_event(std::string_view type, bool read, const MessageReport& report,
                         StreamProgress& progress);

}  // namespace weir::model
