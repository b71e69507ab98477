// model/dialects/message_stream.h: writes the events of a Messages stream in their only correct order:
// one block open at a time, exactly one stop for each, message_delta and message_stop once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/ledger.h"

namespace weir::model {

// Appends to the string that each call gets. Text comes as the inside of a JSON string, escaped as the
// provider escaped it, so that it need not be unescaped and escaped again.
class MessageStream {
 public:
  enum class Block : std::uint8_t { none, text, tool_use };

  bool begun() const { return begun_; }
  Block open_block() const { return block_; }

  void begin(std::string& out, std::string_view id, std::string_view model, const data::Usage& usage);
  void text(std::string& out, std::string_view escaped);  // opens a text block where none is open
  void begin_tool(std::string& out, std::string_view id, std::string_view name);
  void tool_input(std::string& out, std::string_view escaped);  // of the open tool_use block
  void end_block(std::string& out);                             // nothing when none is open
  // Ends the open block and the message.
  void end(std::string& out, std::string_view stop_reason, const data::Usage& usage,
           std::int64_t thinking_tokens);

  static void ping(std::string& out);
  static void error(std::string& out, std::string_view type, std::string_view message);

 private:
  void open(Block block);

  bool begun_ = false;
  Block block_ = Block::none;
  std::uint32_t blocks_ = 0;  // opened so far; the open one has the last index
};

// `,"output_tokens":1…` and so on: the usage object that Messages has at its ends.
void append_messages_usage(std::string& out, const data::Usage& usage, std::int64_t thinking_tokens);
// Anthropic's envelope: {"type":"error","error":{"type":…,"message":…}}
std::string messages_error(std::string_view type, std::string_view message);

}  // namespace weir::model
