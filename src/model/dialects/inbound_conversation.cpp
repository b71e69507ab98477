#include "model/dialects/inbound_conversation.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "model/dialects/inbound_json.h"

namespace weir::model::inbound {
namespace {

constexpr std::size_t kDepthMax = 64;  // of a call's arguments

void append_block(std::string& blocks, std::string_view block) {
  if (!blocks.empty()) blocks += ',';
  blocks += block;
}

std::string legal_id(std::string_view id) {
  std::string legal(id);
  std::ranges::replace_if(
      legal,
      [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                 c == '-');
      },
      '_');
  return legal;
}

}  // namespace

std::unexpected<Error> refuse(std::string field, std::string problem, std::string hint) {
  Error error(Code::invalid_request, field + " " + problem, std::move(hint));
  error.field = std::move(field);
  return fail(std::move(error));
}

Conversation::Turn& Conversation::turn(Role role) {
  if (role == Role::assistant) place_system_turns();
  if (turns_.empty() || turns_.back().role != role) turns_.push_back({role, {}, {}, {}});
  return turns_.back();
}

// Claude takes such a turn after one of the user only, where the whole run of user messages has ended.
void Conversation::place_system_turns() {
  if (system_turn_.empty()) return;
  std::string blocks = std::exchange(system_turn_, {});
  if (!turns_.empty() && turns_.back().role == Role::user) {
    turns_.push_back({Role::system, {}, std::move(blocks), {}});
  } else {
    append_block(system_, blocks);
  }
}

void Conversation::system(std::string_view block) {
  append_block(system_turns_ && !turns_.empty() ? system_turn_ : system_, block);
}

void Conversation::user(std::string_view block) {
  append_block(turn(Role::user).blocks, block);
}

void Conversation::assistant(std::string_view block) {
  append_block(turn(Role::assistant).blocks, block);
}

Result<> Conversation::tool_call(std::string_view field, std::string_view id, std::string_view name,
                                 std::string_view arguments) {
  const std::string at(field);
  if (id.empty()) return refuse(at, "has a tool call without an id", "send the id that the call came with");
  if (name.empty())
    return refuse(at, "has a tool call without a name", "send the name that the call came with");
  if (arguments.find_first_not_of(" \t\r\n") == std::string_view::npos) arguments = "{}";
  const auto parsed = parse_json(arguments, kDepthMax);
  if (!parsed || !parsed->is_object()) {
    return refuse(at, "has arguments that are no JSON object", "send them as the model wrote them");
  }
  std::string legal = legal_id(id);
  Turn& calls = turn(Role::assistant);
  if (std::ranges::find(calls.open_calls, legal) != calls.open_calls.end()) {
    return refuse(at, "has the id of another call of its turn", "give each call an id of its own");
  }
  std::string block =
      R"({"type":"tool_use","id":)" + quoted(legal) + R"(,"name":)" + quoted(name) + R"(,"input":)";
  block += arguments;
  block += '}';
  append_block(calls.blocks, block);
  calls.open_calls.push_back(std::move(legal));
  return {};
}

Result<> Conversation::tool_result(std::string_view field, std::string_view id, std::string_view content) {
  const std::string legal = legal_id(id);
  const std::size_t size = turns_.size();
  Turn* calls = nullptr;
  if (size > 0 && turns_[size - 1].role == Role::assistant) calls = &turns_[size - 1];
  if (size > 1 && turns_[size - 1].role == Role::user) calls = &turns_[size - 2];
  const auto found =
      calls == nullptr ? std::vector<std::string>::iterator() : std::ranges::find(calls->open_calls, legal);
  if (calls == nullptr || found == calls->open_calls.end()) {
    return refuse(std::string(field), "answers no open tool call of the assistant's turn before it",
                  "send one result for each call, right after the turn that made it");
  }
  calls->open_calls.erase(found);
  std::string block = R"({"type":"tool_result","tool_use_id":)" + quoted(legal);
  if (!content.empty()) (block += R"(,"content":)") += content;
  block += '}';
  append_block(turn(Role::user).results, block);
  return {};
}

void Conversation::append_turn(std::string& out, const Turn& turn) {
  out += R"({"role":")";
  out += turn.role == Role::user ? "user" : turn.role == Role::assistant ? "assistant" : "system";
  out += R"(","content":[)";
  out += turn.results;
  if (!turn.results.empty() && !turn.blocks.empty()) out += ',';
  out += turn.blocks;
  out += "]}";
}

Result<> Conversation::append_to(std::string& out, std::string_view field) {
  place_system_turns();
  for (const Turn& turn : turns_) {
    if (turn.open_calls.empty()) continue;
    return refuse(std::string(field), "has a tool call without a result: " + turn.open_calls.front(),
                  "send one result for each call, right after the turn that made it");
  }
  // OpenAI answers a system text alone; Claude needs a turn of the user.
  if (turns_.empty() && !system_.empty()) turns_.push_back({Role::user, {}, std::exchange(system_, {}), {}});
  if (turns_.empty()) return refuse(std::string(field), "says nothing", "send a message with text in it");
  if (!system_.empty()) ((out += R"("system":[)") += system_) += "],";
  out += R"("messages":[)";
  for (const Turn& turn : turns_) {
    if (&turn != &turns_.front()) out += ',';
    append_turn(out, turn);
  }
  out += ']';
  return {};
}

}  // namespace weir::model::inbound
