// model/dialects/inbound_request.h: what Chat Completions and Responses requests have in common on their
// way to the Messages API: the table of fields, the settings, the tools, and the body that comes out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/dialects/dialect.h"
#include "model/dialects/inbound_conversation.h"

namespace weir::model::inbound {

enum class Fate : std::uint8_t {
  translated,
  left_out,  // changes nothing that the answer's reader could hold against us
  refused,   // unless its value asks for nothing: false, 0, "", [] or {}
};

struct FieldRule {
  std::string_view name;
  Fate fate;
  std::string_view note;  // what becomes of it; what to do instead, where it is refused
};

// null counts as absent, here and in every part of a body.
bool is_absent(const json::value* value);
bool asks_nothing(const json::value& value);

// Refuses the first member of `object` that is not known (and not null): at + "." + its name.
Result<> check_members(const json::object& object, std::initializer_list<std::string_view> known,
                       std::string_view at);
// A member that has to be a string; an absent one is empty.
Result<std::string_view> text_member(const json::object& object, std::string_view name, std::string_view at);
Result<const json::object*> object_at(const json::value& value, std::string_view at);
std::string at_index(std::string_view list, std::size_t index);

// The Messages request, as it is put together. Readers take the caller's value under the caller's name.
class MessagesRequest {
 public:
  explicit MessagesRequest(const RequestOptions& options)
      : options_(options), conversation(options.system_turns) {}

  Result<> read_max_tokens(std::string_view field, const json::value& value);
  Result<> read_sampling(std::string_view field, const json::value& value);  // temperature, top_p
  Result<> read_stop(std::string_view field, const json::value& value);
  Result<> read_effort(std::string_view field, const json::value& value);
  // schema_at: {name, schema, description?, strict?}
  Result<> read_schema(std::string_view field, const json::object& format);
  Result<> read_user(std::string_view field, const json::value& value);
  Result<> read_service_tier(std::string_view field, const json::value& value);
  Result<> read_stream(std::string_view field, const json::value& value);
  // The thinking of Claude's own API, which its OpenAI-compatible endpoint takes too.
  Result<> read_thinking(std::string_view field, const json::value& value);

  // function: {name, description?, parameters?, strict?}
  Result<> add_tool(std::string_view field, const json::object& function);
  Result<> read_parallel(std::string_view field, const json::value& value);
  Result<> choose(std::string_view field, std::string_view mode);  // auto, none, required
  Result<> choose_tool(std::string_view field, std::string_view name);
  Result<> allow_only(std::string_view field, std::string_view mode, std::vector<std::string> names);

  // body: for prompt_cache_key, prompt_cache_options; messages: whose parts may have breakpoints.
  Result<> plan_cache(const json::object& body, const json::value* messages);
  // Ends a block's JSON, with cache_control where its part has a breakpoint.
  void close_block(std::string& block, const json::object& part);

  void leave_out(std::string_view name);
  // messages_field: where the conversation stands in the caller's body, for errors.
  Result<TranslatedRequest> finish(std::string_view messages_field);

 private:
  struct Tool {
    std::string name;
    std::string json;
  };

  Result<> append_tools(std::string& out);
  std::string_view cache_control() const;

  const RequestOptions& options_;
  std::optional<std::int64_t> max_tokens_;
  bool stream_ = false;
  std::string stop_;  // JSON, as the following
  std::string temperature_;
  std::string top_p_;
  std::string effort_;
  std::string thinking_;
  std::string format_;
  std::string user_id_;
  std::string service_tier_;
  std::vector<Tool> tools_;
  std::string choice_;       // auto, any, none, tool
  std::string choice_name_;  // of tool
  std::string choice_field_;
  std::optional<std::vector<std::string>> allowed_;
  bool parallel_ = true;
  bool cache_whole_ = false;
  bool cache_one_hour_ = false;
  std::size_t breakpoints_skipped_ = 0;  // the first ones, beyond what Claude takes
  std::vector<std::string> left_out_;

 public:
  Conversation conversation;
};

// Refuses the fields of `body` that the table refuses or does not have; notes those that are left out.
Result<> apply_rules(const json::object& body, std::span<const FieldRule> rules, MessagesRequest& request);

}  // namespace weir::model::inbound
