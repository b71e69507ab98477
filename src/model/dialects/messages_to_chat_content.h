// model/dialects/messages_to_chat_content.h: the turns of a Messages request as those of chat completions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace weir::model {

// invalid_request that names the field.
std::unexpected<Error> refuse_field(std::string field, std::string message, std::string hint);

// Names of what was left out, each once.
class LeftOut {
 public:
  void add(std::string_view name);
  std::vector<std::string> take() { return std::move(names_); }

 private:
  std::vector<std::string> names_;
};

class ChatMessages {
 public:
  explicit ChatMessages(LeftOut& left_out) : left_out_(left_out) {}

  Result<> add_system(const json::value& system, std::string_view where);
  Result<> add_turns(const json::value& messages);
  json::array take() { return std::move(messages_); }

 private:
  // What one user turn becomes: the results of tools first, each a message of its own, then the rest.
  struct UserTurn {
    json::array results;
    json::array parts;
  };

  Result<> add_turn(const json::value& message, const std::string& where);
  Result<> add_user(const json::value& content, const std::string& where);
  Result<> add_assistant(const json::value& content, const std::string& where);
  Result<> add_user_block(const json::value& block, const std::string& where, UserTurn& turn);
  Result<> add_part(const json::value& block, const std::string& where, json::array& parts);
  Result<> add_image(const json::value& block, const std::string& where, json::array& parts);
  Result<> add_document(const json::value& block, const std::string& where, json::array& parts);
  Result<> add_search_result(const json::value& block, const std::string& where, json::array& parts);
  Result<> add_tool_result(const json::value& block, const std::string& where, UserTurn& turn);
  Result<json::value> tool_call(const json::value& block, const std::string& where);
  Result<std::string> joined_text(const json::value& content, const std::string& where);
  void note_caching(const json::value& block);

  LeftOut& left_out_;
  json::array messages_;
};

}  // namespace weir::model
