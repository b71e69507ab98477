// made_messages_stream.h: for fuzzing: any bytes as a stream of the Messages API, mostly a lawful one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::testing {

// Eats bytes from the front; zeros where there are no more.
class ByteSource {
 public:
  explicit ByteSource(std::string_view bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return first;
  }
  // JSON text, raw: it may well be none.
  std::string piece() {
    const std::string_view taken = bytes_.substr(0, byte() % 12);
    bytes_.remove_prefix(std::min(bytes_.size(), taken.size()));
    return std::string(taken);
  }

 private:
  std::string_view bytes_;
};

inline std::string made_messages_stream(std::string_view bytes) {
  ByteSource source(bytes);
  std::string out;
  const auto event = [&](std::string_view name, const std::string& members) {
    out +=
        "event: " + std::string(name) + "\ndata: {\"type\":\"" + std::string(name) + "\"" + members + "}\n\n";
  };
  const auto index = [&] { return ",\"index\":" + std::to_string(source.byte() % 3); };
  event("message_start", R"(,"message":{"id":"msg_)" + source.piece() + R"(","usage":{"input_tokens":)" +
                             std::to_string(source.byte()) + "}}");
  while (!source.empty()) {
    switch (source.byte() % 14) {
      case 0:
        event("content_block_start",
              index() + R"(,"content_block":{"type":"text","text":")" + source.piece() + "\"}");
        break;
      case 1:
        event("content_block_start",
              index() + R"(,"content_block":{"type":"thinking","thinking":"","signature":""})");
        break;
      case 2:
        event("content_block_start",
              index() + R"(,"content_block":{"type":"tool_use","id":"t","name":"f","input":{)" +
                  source.piece() + "}}");
        break;
      case 3:
        event("content_block_start",
              index() + R"(,"content_block":{"type":"redacted_thinking","data":")" + source.piece() + "\"}");
        break;
      case 4:
        event("content_block_start",
              index() + R"(,"content_block":{"type":"server_tool_use","id":"s","name":"w","input":{}})");
        break;
      case 5:
        event("content_block_delta",
              index() + R"(,"delta":{"type":"text_delta","text":")" + source.piece() + "\"}");
        break;
      case 6:
        event("content_block_delta",
              index() + R"(,"delta":{"type":"thinking_delta","thinking":")" + source.piece() + "\"}");
        break;
      case 7:
        event("content_block_delta",
              index() + R"(,"delta":{"type":"signature_delta","signature":")" + source.piece() + "\"}");
        break;
      case 8:
        event("content_block_delta",
              index() + R"(,"delta":{"type":"input_json_delta","partial_json":")" + source.piece() + "\"}");
        break;
      case 9: event("content_block_stop", index()); break;
      case 10: event("ping", source.piece()); break;
      case 11: {
        constexpr std::string_view reasons[] = {"end_turn", "tool_use", "max_tokens", "refusal",
                                                "pause_turn"};
        event("message_delta", R"(,"delta":{"stop_reason":")" + std::string(reasons[source.byte() % 5]) +
                                   R"(","stop_details":{"explanation":")" + source.piece() +
                                   R"("}},"usage":{"output_tokens":)" + std::to_string(source.byte()) + "}");
        break;
      }
      case 12: event("message_stop", source.piece()); break;
      default:
        event("error", R"(,"error":{"type":"overloaded_error","message":")" + source.piece() + "\"}");
        break;
    }
  }
  return out;
}

}  // namespace weir::testing
