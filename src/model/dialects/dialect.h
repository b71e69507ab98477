// model/dialects/dialect.h: the APIs in which a model can be asked, and what turns one into another.
// Pure: bytes in, bytes out. The gateway translates only where caller and provider speak different
// dialects; otherwise bytes pass untouched.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace weir::model {

enum class Dialect : std::uint8_t {
  messages,          // Anthropic: POST /v1/messages
  chat_completions,  // OpenAI: POST /v1/chat/completions
  responses,         // OpenAI: POST /v1/responses
  embeddings,        // OpenAI: POST /v1/embeddings
  bedrock_invoke,    // Bedrock: POST /model/{id}/invoke, /invoke-with-response-stream
  bedrock_converse,  // Bedrock: POST /model/{id}/converse, /converse-stream
  opaque,            // anything else: passed through, never translated
};

// What a translation must know beyond the body.
struct RequestOptions {
  std::string model;                // what the provider calls the model; replaces the body's
  bool stream = false;              // for dialects whose path says it, and not their body
  std::int64_t max_tokens = 4'096;  // where the target API demands a limit and the caller gave none
  bool sampling = true;             // the model takes temperature and top_p (Claude's newest do not)
  bool system_turns = false;        // the model takes role "system" inside messages, after a user turn
  bool thinking_optional = true;    // the model can be told not to think
};

struct TranslatedRequest {
  std::string body;
  bool stream = false;
  // Fields that change nothing a caller could see and were left out ("user", "store"…); what would
  // change the answer is an error instead.
  std::vector<std::string> left_out;
  // For ReplyOptions, where the caller's dialect has them: its stream_options.include_usage, and a JSON
  // object of what its answers repeat from the request (Responses: tools, instructions, metadata…).
  bool include_usage = false;
  std::string echo;
};

// invalid_request: broken JSON, or what the target cannot express; Error::field names it.
using TranslateRequest = Result<TranslatedRequest> (*)(std::string_view body, const RequestOptions& options);

// What the answer must say about itself that the provider does not know.
struct ReplyOptions {
  std::string id;                // of the answer, when the provider gives none
  std::string model;             // as the caller named it
  std::int64_t created_s = 0;    // Unix time, for OpenAI's `created`
  bool include_usage = false;    // OpenAI's stream_options.include_usage
  std::string echo;              // TranslatedRequest::echo; empty: nothing to repeat
  const Clock* clock = nullptr;  // for dialects whose answers tell how long they took
};

// Turns one answer of the provider's dialect into the caller's. Made for one call, used on one loop.
class ReplyTranslator {
 public:
  virtual ~ReplyTranslator() = default;
  // A 2xx body in one piece. upstream_failed: it is not what the dialect says.
  virtual Result<std::string> whole(std::string_view body) = 0;
  // The next bytes of a streamed body, cut anywhere; appends what they become. After an error nothing
  // more is to be fed.
  virtual Result<> feed(std::string_view bytes, std::string& out) = 0;
  // The provider's stream has ended. Appends what is missing for a correct end in the caller's dialect;
  // a stream that broke off before its own end becomes an error there, never a silent one.
  virtual void finish(std::string& out) = 0;
  // An error body (status >= 400) in the caller's envelope, with the provider's wording.
  virtual std::string error(int status, std::string_view body) = 0;
};

}  // namespace weir::model
