// model/dialects/chat_chunk.h: one chunk of a chat completions stream, or a completion in one piece, looked
// at where it lies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/dialects/openai_usage.h"
#include "model/json_fields.h"

namespace weir::model {

struct ToolCallDelta {
  std::int64_t index = -1;     // -1: not told
  std::string_view id, name;   // in the first delta of a call
  std::string_view arguments;  // escaped
};

// Of a chunk `choices[0].delta`, of a completion `choices[0].message`: they have the same members.
// "Escaped": the inside of a JSON string as it stands in the chunk, proven to be one.
struct ChatChunk {
  std::string_view id, model, service_tier;
  bool has_choice = false;     // the next four are of the first choice
  std::string_view text;       // escaped
  std::string_view refusal;    // escaped
  std::string_view reasoning;  // escaped; reasoning_content or reasoning of those providers that show it
  std::string_view finish_reason;
  std::vector<ToolCallDelta> tool_calls;
  bool has_usage = false;
  OpenAiUsage usage;
  bool has_error = false;
  std::string_view error_type, error_code, error_message;
};

// Keeps its memory from one chunk to the next.
class ChatChunkReader {
 public:
  // False: no JSON object, or broken. `data` may be given more capacity; the chunk views into it and into
  // the reader until the next call.
  bool read(std::string& data);
  const ChatChunk& chunk() const { return chunk_; }

 private:
  void read_choice(ondemand::value value);
  void read_delta(std::string_view name, ondemand::value value);
  void read_tool_call(ondemand::value value);
  void read_error(ondemand::value value);
  void read_escaped(ondemand::value value, std::string_view& target);

  ondemand::parser parser_;
  ChatChunk chunk_;
  bool broken_ = false;
};

}  // namespace weir::model
