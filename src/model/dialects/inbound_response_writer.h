// model/dialects/inbound_response_writer.h: one answer of the Responses API as it grows: its items, the
// events that tell of them, and the response object around them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/dialects/dialect.h"
#include "model/dialects/inbound_events.h"
#include "model/dialects/inbound_reply.h"

namespace weir::model::inbound {

// Writes events to `out` in the recorded order. Texts come and go as JSON string tokens.
class ResponseWriter {
 public:
  explicit ResponseWriter(const ReplyOptions& options);

  void start(std::string& out, const MessageFacts& message);  // response.created, .in_progress
  bool started() const { return !item_base_.empty(); }

  void add_text(std::string& out, std::string_view token);  // opens a message where none is open
  void start_reasoning(std::string& out);
  void add_thinking(std::string& out, std::string_view token);
  // mark: of inbound_reasoning.h. token: a signature, or redacted data.
  void seal_reasoning(std::string_view mark, std::string_view token);
  void start_call(std::string& out, std::string_view id, std::string_view name);
  void add_arguments(std::string& out, std::string_view token);
  void add_refusal(std::string& out, std::string_view text);  // as a message of its own
  // An item stays open until the next one starts, so that the last can be called incomplete.
  void close_item(std::string& out, std::string_view status = "completed");

  // status: completed, incomplete (with a reason). The event of the same name, with the response.
  void end(std::string& out, std::string_view status, std::string_view reason, const MessageFacts& message);
  // error, response.failed.
  void fail(std::string& out, const OpenAiError& error, const MessageFacts& message);
  void append_response(std::string& out, std::string_view status, std::string_view reason,
                       const OpenAiError* error, const MessageFacts& message) const;

 private:
  enum class Item : std::uint8_t { none, message, reasoning, call };

  void open_item(std::string& out, Item item, std::string_view prefix, std::string_view members);
  void begin_event(std::string& out, std::string_view type);
  void begin_item_event(std::string& out, std::string_view type, std::string_view index_name);
  void end_event(std::string& out);
  void prepare_delta(std::string_view type, std::string_view more);
  void add_delta(std::string& out, std::string_view token);
  void end_part(std::string& out, std::string_view kind, std::string_view part);
  void end_item(std::string& out, std::string_view item);

  const ReplyOptions& options_;
  std::string echo_;       // members that repeat the request
  std::string item_base_;  // of the items' ids
  std::int64_t sequence_ = 0;
  std::int64_t output_index_ = 0;
  std::string items_;  // JSON of the closed ones, separated by commas

  Item item_ = Item::none;
  std::string item_id_;     // of the open one
  std::string delta_head_;  // of its deltas
  std::string text_;        // all its deltas, still escaped
  std::string call_;        // members call_id and name
  std::string sealed_;      // encrypted_content, escaped
  bool has_part_ = false;   // its content or summary part has been announced
};

}  // namespace weir::model::inbound
