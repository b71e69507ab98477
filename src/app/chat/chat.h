// app/chat/chat.h: a question answered from the tenant's documents.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/retrieval/retriever.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/task.h"
#include "data/ledger.h"
#include "data/tenant.h"
#include "model/gateway.h"
#include "observe/log.h"

namespace weir::app {

struct ChatConfig {
  std::string model = "claude-sonnet-5-5";
  std::int64_t max_tokens = 2'048;
  std::string system_prompt;     // added to Weir's own instructions
  std::size_t message_chars_max = 10'000;
  std::size_t history_turns_max = 20;
};

enum class Role : std::uint8_t { user, assistant };
struct Turn {
  Role role = Role::user;
  std::string text;
};

struct ChatQuestion {
  data::TenantId tenant = data::default_tenant();
  std::string text;             // validated: 1 to message_chars_max code points
  std::vector<Turn> history;    // earlier turns, oldest first
  model::Attribution who;
};

// A passage that was given to the model, numbered from 1 as answers cite it.
struct Source {
  int number = 0;
  std::string document_id;
  std::string title;
  std::string source;       // file name or URL
  std::string heading;
  std::string text;
  std::uint64_t begin = 0;  // byte offsets into the document's text
  std::uint64_t end = 0;
};

// A statement of the answer and the exact place that supports it.
struct Citation {
  int source_number = 0;
  std::string document_id;
  std::string cited_text;        // stands in the document at [begin, end), checked
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t answer_at = 0;   // byte offset in the answer after which the citation stands
};

enum class AnswerKind : std::uint8_t {
  model,       // written by a model from the sources
  extractive,  // sentences quoted from the documents; no model was reached
  no_answer,   // nothing in the documents supports an answer
};
std::string_view to_string(AnswerKind kind);

struct ChatAnswer {
  AnswerKind kind = AnswerKind::extractive;
  std::string text;
  std::vector<Source> sources;
  std::vector<Citation> citations;
  std::string model;                   // empty unless kind is model
  std::string stop_reason;
  std::optional<data::Usage> usage;    // absent unless a model was called
  std::string fallback_reason;         // extractive: "no_api_key", "upstream_failed", "timed_out"
};

// Receives an answer while it grows: sources first, then text and citations in order. Each call may
// wait (back-pressure); an error ends the answer.
class ChatSink {
 public:
  virtual ~ChatSink() = default;
  virtual Task<Result<>> on_sources(const std::vector<Source>& sources) = 0;
  virtual Task<Result<>> on_text(std::string_view delta) = 0;
  virtual Task<Result<>> on_citation(const Citation& citation) = 0;
};

// Any loop may call.
class Chat {
 public:
  Chat(ChatConfig config, Retriever& retriever, model::Gateway& gateway, observe::Log& log);
  // sink may be null. The returned answer is whole either way. A provider's refusal of our request
  // (4xx) is an error; a provider that cannot be reached makes the answer extractive.
  Task<Result<ChatAnswer>> answer(ChatQuestion question, ChatSink* sink);

 private:
  ChatConfig config_;
  Retriever& retriever_;
  model::Gateway& gateway_;
  observe::Log& log_;
};

}  // namespace weir::app
