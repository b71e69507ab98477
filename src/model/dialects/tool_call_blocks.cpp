#include "model/dialects/tool_call_blocks.h"

#include <utility>

namespace weir::model {

std::string_view ToolCallBlocks::take(std::string& out, const ToolCallDelta& delta,
                                      std::string_view message_id) {
  Call* call = find(delta);
  if (call == nullptr) {
    if (calls_.size() == kCallsMax) return "the provider sent more tool calls than can be handled";
    const std::string number = std::to_string(calls_.size());
    calls_.push_back(
        {.index = delta.index,
         .told_id = std::string(delta.id),
         .id = delta.id.empty() ? std::string(message_id) + "_" + number : std::string(delta.id)});
    call = &calls_.back();
  }
  if (call->name.empty()) call->name = delta.name;
  const auto position = static_cast<std::size_t>(call - calls_.data());
  if (position + 1 == opened_ && stream_.open_block() == MessageStream::Block::tool_use) {
    if (!delta.arguments.empty()) stream_.tool_input(out, delta.arguments);
  } else if (position >= opened_) {
    call->held += delta.arguments;
  } else if (!delta.arguments.empty()) {
    return "the provider sent arguments of a tool call after their end";
  }
  call->scan.take(delta.arguments);
  while (opened_ < calls_.size() && !calls_[opened_].name.empty() &&
         (opened_ == 0 || calls_[opened_ - 1].scan.whole())) {
    open_next(out);
  }
  return {};
}

// Some providers give each call of a chunk index 0, or none, but always its own id and name.
ToolCallBlocks::Call* ToolCallBlocks::find(const ToolCallDelta& delta) {
  if (calls_.empty()) return nullptr;
  const bool may_begin = !delta.name.empty() && !delta.id.empty();
  for (std::size_t i = calls_.size(); i-- > 0;) {
    Call& call = calls_[i];
    if (delta.index >= 0 && call.index != delta.index) continue;
    if (!may_begin || call.told_id.empty() || call.told_id == delta.id) return &call;
  }
  return delta.index >= 0 || may_begin ? nullptr : &calls_.back();
}

void ToolCallBlocks::open_next(std::string& out) {
  stream_.end_block(out);
  Call& call = calls_[opened_++];
  stream_.begin_tool(out, call.id, call.name);
  if (!call.held.empty()) stream_.tool_input(out, std::exchange(call.held, {}));
}

std::string_view ToolCallBlocks::finish(std::string& out) {
  while (opened_ < calls_.size()) {
    if (calls_[opened_].name.empty()) return "the provider sent a tool call without a name";
    open_next(out);
  }
  return {};
}

bool ToolCallBlocks::busy() const {
  return opened_ < calls_.size() ||
         (stream_.open_block() == MessageStream::Block::tool_use && !calls_[opened_ - 1].scan.whole());
}

}  // namespace weir::model
