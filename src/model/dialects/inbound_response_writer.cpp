#include "model/dialects/inbound_response_writer.h"

#include <array>
#include <utility>

#include "model/dialects/inbound_json.h"
#include "model/dialects/inbound_reasoning.h"

namespace weir::model::inbound {
namespace {

struct Echoed {
  std::string_view name;
  std::string_view otherwise;  // the API's default
};

// Members that clients of the Responses API expect, as recorded.
constexpr std::array kEchoed = {
    Echoed{"instructions", "null"},
    Echoed{"max_output_tokens", "null"},
    Echoed{"max_tool_calls", "null"},
    Echoed{"parallel_tool_calls", "true"},
    Echoed{"prompt_cache_key", "null"},
    Echoed{"reasoning", R"({"effort":null,"summary":null})"},
    Echoed{"safety_identifier", "null"},
    Echoed{"temperature", "null"},
    Echoed{"text", R"({"format":{"type":"text"}})"},
    Echoed{"tool_choice", R"("auto")"},
    Echoed{"tools", "[]"},
    Echoed{"top_p", "null"},
    Echoed{"truncation", R"("disabled")"},
    Echoed{"user", "null"},
    Echoed{"metadata", "{}"},
};

std::string echo_members(std::string_view echo) {
  const auto given = echo.empty() ? Result<json::value>(json::object()) : parse_json(echo);
  std::string members;
  for (const Echoed& echoed : kEchoed) {
    const json::value* value = given ? find_member(*given, echoed.name) : nullptr;
    (members += ',') += quoted(echoed.name);
    (members += ':') += value == nullptr ? std::string(echoed.otherwise) : json::serialize(*value);
  }
  return members;
}

// Inside of the quotes.
std::string_view inner(std::string_view token) {
  return token.size() < 2 ? "" : token.substr(1, token.size() - 2);
}

// Codes that the Responses API knows for a failed response.
std::string_view failure_code(const OpenAiError& error) {
  if (error.code == "rate_limit_exceeded") return "rate_limit_exceeded";
  return error.type == "invalid_request_error" ? "invalid_prompt" : "server_error";
}

void append_usage(std::string& out, const MessageUsage& usage) {
  out += R"({"input_tokens":)";
  append_number(out, usage.prompt_tokens());
  out += R"(,"input_tokens_details":{"cached_tokens":)";
  append_number(out, usage.cache_read_tokens);
  out += R"(,"cache_write_tokens":)";
  append_number(out, usage.cache_write_tokens);
  out += R"(},"output_tokens":)";
  append_number(out, usage.output_tokens);
  out += R"(,"output_tokens_details":{"reasoning_tokens":)";
  append_number(out, usage.thinking_tokens);
  out += R"(},"total_tokens":)";
  append_number(out, usage.total_tokens());
  out += '}';
}

std::string text_part(std::string_view escaped) {
  return R"({"type":"output_text","annotations":[],"logprobs":[],"text":")" + std::string(escaped) + R"("})";
}

std::string refusal_part(std::string_view token) {
  return R"({"type":"refusal","refusal":)" + std::string(token) + '}';
}

std::string summary_part(std::string_view escaped) {
  return R"({"type":"summary_text","text":")" + std::string(escaped) + R"("})";
}

}  // namespace

ResponseWriter::ResponseWriter(const ReplyOptions& options)
    : options_(options), echo_(echo_members(options.echo)) {}

void ResponseWriter::start(std::string& out, const MessageFacts& message) {
  const std::string_view id = message.id.empty() ? std::string_view(options_.id) : message.id;
  item_base_ = id.starts_with("msg_") ? id.substr(4) : id;
  item_base_ += '_';
  for (const std::string_view type : {"response.created", "response.in_progress"}) {
    begin_event(out, type);
    out += R"(,"response":)";
    append_response(out, "in_progress", {}, nullptr, message);
    end_event(out);
  }
}

void ResponseWriter::add_text(std::string& out, std::string_view token) {
  if (item_ != Item::message) {
    open_item(out, Item::message, "msg_",
              R"("type":"message","status":"in_progress","role":"assistant","content":[])");
    begin_item_event(out, "response.content_part.added", "content_index");
    out += R"(,"part":)";
    out += text_part({});
    end_event(out);
    prepare_delta("response.output_text.delta", R"(,"content_index":0,"logprobs":[])");
  }
  add_delta(out, token);
}

void ResponseWriter::start_reasoning(std::string& out) {
  open_item(out, Item::reasoning, "rs_", R"("type":"reasoning","summary":[])");
  prepare_delta("response.reasoning_summary_text.delta", R"(,"summary_index":0)");
}

void ResponseWriter::add_thinking(std::string& out, std::string_view token) {
  if (item_ != Item::reasoning) return;
  if (!std::exchange(has_part_, true)) {
    begin_item_event(out, "response.reasoning_summary_part.added", "summary_index");
    out += R"(,"part":)";
    out += summary_part({});
    end_event(out);
  }
  add_delta(out, token);
}

void ResponseWriter::seal_reasoning(std::string_view mark, std::string_view token) {
  if (item_ != Item::reasoning || inner(token).empty()) return;
  if (sealed_.empty()) sealed_ = mark;
  sealed_ += inner(token);
}

void ResponseWriter::start_call(std::string& out, std::string_view id, std::string_view name) {
  std::string call = R"(,"call_id":)";
  call += id;
  call += R"(,"name":)";
  call += name;
  open_item(out, Item::call, "fc_", R"("type":"function_call","status":"in_progress","arguments":"")" + call);
  call_ = std::move(call);
  prepare_delta("response.function_call_arguments.delta", {});
}

void ResponseWriter::add_arguments(std::string& out, std::string_view token) {
  if (item_ == Item::call) add_delta(out, token);
}

void ResponseWriter::add_refusal(std::string& out, std::string_view text) {
  open_item(out, Item::message, "msg_",
            R"("type":"message","status":"in_progress","role":"assistant","content":[])");
  const std::string token = quoted(text);
  begin_item_event(out, "response.content_part.added", "content_index");
  out += R"(,"part":)";
  out += refusal_part(R"("")");
  end_event(out);
  begin_item_event(out, "response.refusal.delta", "content_index");
  out += R"(,"delta":)";
  out += token;
  end_event(out);
  begin_item_event(out, "response.refusal.done", "content_index");
  out += R"(,"refusal":)";
  out += token;
  end_event(out);
  end_part(out, "response.content_part.done", refusal_part(token));
  end_item(out, R"("type":"message","status":"completed","role":"assistant","content":[)" +
                    refusal_part(token) + ']');
}

void ResponseWriter::close_item(std::string& out, std::string_view status) {
  const std::string state = R"("status":")" + std::string(status) + '"';
  if (item_ == Item::message) {
    begin_item_event(out, "response.output_text.done", "content_index");
    ((out += R"(,"logprobs":[],"text":")") += text_) += '"';
    end_event(out);
    const std::string part = text_part(text_);
    end_part(out, "response.content_part.done", part);
    end_item(out, R"("type":"message",)" + state + R"(,"role":"assistant","content":[)" + part + ']');
  } else if (item_ == Item::call) {
    begin_item_event(out, "response.function_call_arguments.done", {});
    ((out += R"(,"arguments":")") += text_) += '"';
    end_event(out);
    end_item(out, R"("type":"function_call",)" + state + R"(,"arguments":")" + text_ + '"' + call_);
  } else if (item_ == Item::reasoning) {
    std::string part;
    if (has_part_) {
      part = summary_part(text_);
      begin_item_event(out, "response.reasoning_summary_text.done", "summary_index");
      ((out += R"(,"text":")") += text_) += '"';
      end_event(out);
      end_part(out, "response.reasoning_summary_part.done", part);
    }
    std::string item = R"("type":"reasoning",)" + state + R"(,"summary":[)" + part + ']';
    if (!sealed_.empty()) item += R"(,"encrypted_content":")" + sealed_ + '"';
    end_item(out, item);
  }
}

void ResponseWriter::end(std::string& out, std::string_view status, std::string_view reason,
                         const MessageFacts& message) {
  begin_event(out, status == "completed" ? "response.completed" : "response.incomplete");
  out += R"(,"response":)";
  append_response(out, status, reason, nullptr, message);
  end_event(out);
}

void ResponseWriter::fail(std::string& out, const OpenAiError& error, const MessageFacts& message) {
  if (!started()) start(out, message);  // OpenAI's own SDK reads nothing before response.created
  begin_event(out, "error");
  out += R"(,"code":)";
  append_quoted(out, error.code.empty() ? error.type : error.code);
  out += R"(,"message":)";
  append_quoted(out, error.message);
  out += R"(,"param":null)";
  end_event(out);
  begin_event(out, "response.failed");
  out += R"(,"response":)";
  append_response(out, "failed", {}, &error, message);
  end_event(out);
}

void ResponseWriter::append_response(std::string& out, std::string_view status, std::string_view reason,
                                     const OpenAiError* error, const MessageFacts& message) const {
  out += R"({"id":)";
  append_quoted(out, "resp_" + (message.id.empty() ? options_.id : message.id));
  out += R"(,"object":"response","created_at":)";
  append_number(out, options_.created_s);
  ((out += R"(,"status":")") += status) += R"(","background":false,"error":)";
  if (error == nullptr) {
    out += "null";
  } else {
    ((out += R"({"code":")") += failure_code(*error)) += R"(","message":)";
    append_quoted(out, error->message);
    out += '}';
  }
  out += R"(,"incomplete_details":)";
  reason.empty() ? out += "null" : ((out += R"({"reason":")") += reason) += R"("})";
  out += R"(,"model":)";
  append_quoted(out, options_.model.empty() ? message.model : options_.model);
  ((out += R"(,"output":[)") += items_) += R"(],"previous_response_id":null,"store":false)";
  const std::string_view tier = openai_service_tier(message.service_tier);
  if (!tier.empty()) ((out += R"(,"service_tier":")") += tier) += '"';
  out += echo_;
  out += R"(,"usage":)";
  if (status == "in_progress") {
    out += "null";
  } else {
    append_usage(out, message.usage);
  }
  out += '}';
}

void ResponseWriter::open_item(std::string& out, Item item, std::string_view prefix,
                               std::string_view members) {
  close_item(out);
  item_ = item;
  item_id_ = std::string(prefix) + item_base_;
  append_number(item_id_, output_index_);
  begin_event(out, "response.output_item.added");
  out += R"(,"output_index":)";
  append_number(out, output_index_);
  ((out += R"(,"item":{"id":)") += quoted(item_id_)) += ',';
  (out += members) += '}';
  end_event(out);
}

void ResponseWriter::begin_event(std::string& out, std::string_view type) {
  ((out += "event: ") += type) += "\ndata: {\"type\":\"";
  (out += type) += '"';
}

void ResponseWriter::begin_item_event(std::string& out, std::string_view type, std::string_view index_name) {
  begin_event(out, type);
  (out += R"(,"item_id":)") += quoted(item_id_);
  out += R"(,"output_index":)";
  append_number(out, output_index_);
  if (!index_name.empty()) ((out += ",\"") += index_name) += "\":0";
}

void ResponseWriter::end_event(std::string& out) {
  out += R"(,"sequence_number":)";
  append_number(out, sequence_++);
  out += "}\n\n";
}

void ResponseWriter::prepare_delta(std::string_view type, std::string_view more) {
  delta_head_.clear();
  begin_item_event(delta_head_, type, {});
  (delta_head_ += more) += R"(,"delta":)";
}

void ResponseWriter::add_delta(std::string& out, std::string_view token) {
  if (inner(token).empty()) return;
  text_ += inner(token);
  (out += delta_head_) += token;
  end_event(out);
}

void ResponseWriter::end_part(std::string& out, std::string_view kind, std::string_view part) {
  begin_item_event(out, kind, kind.starts_with("response.content") ? "content_index" : "summary_index");
  (out += R"(,"part":)") += part;
  end_event(out);
}

void ResponseWriter::end_item(std::string& out, std::string_view item) {
  std::string json = R"({"id":)" + quoted(item_id_) + ',' + std::string(item) + '}';
  begin_event(out, "response.output_item.done");
  out += R"(,"output_index":)";
  append_number(out, output_index_++);
  (out += R"(,"item":)") += json;
  end_event(out);
  if (!items_.empty()) items_ += ',';
  items_ += json;
  item_ = Item::none;
  text_.clear();
  call_.clear();
  sealed_.clear();
  has_part_ = false;
}

}  // namespace weir::model::inbound
