// model/dialects/tool_call_blocks.h: the tool calls of a chat completions stream, whose pieces may come
// mixed, as tool_use blocks of a Messages stream, which come one after the other.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/dialects/argument_scan.h"
#include "model/dialects/chat_chunk.h"
#include "model/dialects/message_stream.h"

namespace weir::model {

// The pieces of the call whose block is open pass at once. Those of a later call wait until the open one is
// a whole JSON object, or until the end.
class ToolCallBlocks {
 public:
  static constexpr std::size_t kCallsMax = 1'024;

  explicit ToolCallBlocks(MessageStream& stream) : stream_(stream) {}

  // Empty, or what is wrong with the call. One without an id gets one made of message_id.
  std::string_view take(std::string& out, const ToolCallDelta& delta, std::string_view message_id);
  // Opens and ends what still waits. Empty, or what is wrong.
  std::string_view finish(std::string& out);
  bool empty() const { return calls_.empty(); }
  // A call whose arguments are not whole has the open block, or one waits for it.
  bool busy() const;

 private:
  struct Call {
    std::int64_t index;
    std::string told_id;  // as the provider named it
    std::string id, name;
    std::string held;  // escaped arguments that wait
    ArgumentScan scan;
  };

  Call* find(const ToolCallDelta& delta);
  void open_next(std::string& out);

  MessageStream& stream_;
  std::vector<Call> calls_;  // in order of arrival
  std::size_t opened_ = 0;   // of them; the last of these may have the open block
};

}  // namespace weir::model
