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
#include "model/call.h"
#include "observe/log.h"
#include "observe/metrics.h"

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

class ModelPort;
struct PromptSource;

// Any loop may call.
class Chat {
 public:
  Chat(ChatConfig config, Retriever& retriever, ModelPort& model, observe::Log& log, observe::Metrics& metrics);
  // sink may be null. The returned answer is whole either way. A model that cannot be reached, fails, or
  // is not configured makes the answer extractive, as long as no text of its own has gone out; after
  // that, and when the provider refuses the request itself (4xx), the outcome is upstream_failed.
  Task<Result<ChatAnswer>> answer(ChatQuestion question, ChatSink* sink);

 private:
  // What a model answered, or why none did.
  struct Attempt;
  Task<Attempt> ask_model(const ChatQuestion& question, const std::vector<PromptSource>& sources, ChatSink* sink);

  ChatConfig config_;
  Retriever& retriever_;
  ModelPort& model_;
  observe::Log& log_;
  observe::Counter& citations_dropped_;
};

}  // namespace weir::app
