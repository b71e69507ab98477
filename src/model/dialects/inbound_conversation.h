// model/dialects/inbound_conversation.h: the turns of a Messages request, put together from messages that
// follow OpenAI's looser rules: system texts anywhere, one message per tool result, any run of one role.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace weir::model::inbound {

// An error of Code::invalid_request that names its field.
std::unexpected<Error> refuse(std::string field, std::string problem, std::string hint);

// Takes content blocks as JSON text, in the order of the conversation.
class Conversation {
 public:
  // system_turns: see RequestOptions.
  explicit Conversation(bool system_turns) : system_turns_(system_turns) {}

  void system(std::string_view block);
  void user(std::string_view block);
  void assistant(std::string_view block);
  // The id may have any characters; Claude allows letters, digits, _ and -, and the others are replaced.
  // field: of the caller's body, for errors; arguments: the JSON text that the model wrote, empty for {}.
  Result<> tool_call(std::string_view field, std::string_view id, std::string_view name,
                     std::string_view arguments);
  // content: JSON text of a tool_result's content, or empty. Refused where it answers no open call.
  Result<> tool_result(std::string_view field, std::string_view id, std::string_view content);

  // Appends "system":…,"messages":… Refused: calls without results, or nothing said at all.
  Result<> append_to(std::string& out, std::string_view field);

 private:
  enum class Role : std::uint8_t { user, assistant, system };
  struct Turn {
    Role role;
    std::string results;  // tool_result blocks, which have to come first
    std::string blocks;
    std::vector<std::string> open_calls;  // ids without a result so far
  };

  Turn& turn(Role role);
  void place_system_turns();
  static void append_turn(std::string& out, const Turn& turn);

  bool system_turns_;
  std::vector<Turn> turns_;
  std::string system_;       // blocks
  std::string system_turn_;  // blocks that wait for the end of the run of user messages
};

}  // namespace weir::model::inbound
