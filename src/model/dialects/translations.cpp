#include "model/dialects/translations.h"

#include <array>
#include <utility>

#include "model/dialects/bedrock_to_messages.h"
#include "model/dialects/chat_to_messages_reply.h"
#include "model/dialects/chat_to_messages_request.h"
#include "model/dialects/messages_to_chat_reply.h"
#include "model/dialects/messages_to_chat_request.h"
#include "model/dialects/messages_to_responses_reply.h"
#include "model/dialects/responses_to_messages_request.h"

namespace weir::model {
namespace {

// One reply translator after another.
class Chain final : public ReplyTranslator {
 public:
  Chain(std::unique_ptr<ReplyTranslator> inner, std::unique_ptr<ReplyTranslator> outer)
      : inner_(std::move(inner)), outer_(std::move(outer)) {}

  Result<std::string> whole(std::string_view body) override {
    auto between = inner_->whole(body);
    if (!between) return between;
    return outer_->whole(*between);
  }

  Result<> feed(std::string_view bytes, std::string& out) override {
    between_.clear();
    auto fed = inner_->feed(bytes, between_);
    auto passed = outer_->feed(between_, out);
    return fed ? std::move(passed) : std::move(fed);
  }

  void finish(std::string& out) override {
    between_.clear();
    inner_->finish(between_);
    // What the inner one closes with may be what the outer one cannot read; its own end follows all the same.
    static_cast<void>(outer_->feed(between_, out));
    outer_->finish(out);
  }

  std::string error(int status, std::string_view body) override {
    return outer_->error(status, inner_->error(status, body));
  }

 private:
  const std::unique_ptr<ReplyTranslator> inner_;
  const std::unique_ptr<ReplyTranslator> outer_;
  std::string between_;
};

constexpr std::array kTranslations{
    Translation{Dialect::chat_completions, Dialect::messages, chat_to_messages, messages_to_chat},
    Translation{Dialect::responses, Dialect::messages, responses_to_messages, messages_to_responses},
    Translation{Dialect::bedrock_invoke, Dialect::messages, bedrock_to_messages, messages_to_bedrock},
    Translation{Dialect::messages, Dialect::chat_completions, messages_to_chat, chat_to_messages_reply},
};

const Translation* find_line(Dialect caller, Dialect provider, std::span<const Translation> table) {
  for (const Translation& line : table) {
    if (line.caller == caller && line.provider == provider) return &line;
  }
  return nullptr;
}

}  // namespace

std::span<const Translation> translations() {
  return kTranslations;
}

Result<TranslatedRequest> TranslationPath::request(std::string_view body,
                                                   const RequestOptions& options) const {
  auto translated = first_->request(body, options);
  if (!translated || second_ == nullptr) return translated;
  auto again = second_->request(translated->body, options);
  if (!again) return again;
  again->left_out.insert(again->left_out.begin(), translated->left_out.begin(), translated->left_out.end());
  again->include_usage = translated->include_usage;  // the caller's, not what lies between
  again->echo = std::move(translated->echo);
  return again;
}

std::unique_ptr<ReplyTranslator> TranslationPath::reply(const ReplyOptions& options) const {
  if (second_ == nullptr) return first_->reply(options);
  return chain(second_->reply(options), first_->reply(options));
}

std::optional<TranslationPath> find_translation(Dialect caller, Dialect provider,
                                                std::span<const Translation> table) {
  if (const Translation* direct = find_line(caller, provider, table)) return TranslationPath(*direct);
  const Translation* first = find_line(caller, Dialect::messages, table);
  const Translation* second = find_line(Dialect::messages, provider, table);
  if (first == nullptr || second == nullptr) return std::nullopt;
  return TranslationPath(*first, second);
}

std::unique_ptr<ReplyTranslator> chain(std::unique_ptr<ReplyTranslator> inner,
                                       std::unique_ptr<ReplyTranslator> outer) {
  if (inner == nullptr) return outer;
  if (outer == nullptr) return inner;
  return std::make_unique<Chain>(std::move(inner), std::move(outer));
}

std::string_view endpoint_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::messages: return "/v1/messages";
    case Dialect::chat_completions: return "/v1/chat/completions";
    case Dialect::responses: return "/v1/responses";
    case Dialect::embeddings: return "/v1/embeddings";
    case Dialect::bedrock_invoke:
    case Dialect::bedrock_converse:
    case Dialect::opaque: return {};
  }
  return {};
}

std::string_view to_string(Dialect dialect) {
  switch (dialect) {
    case Dialect::messages: return "messages";
    case Dialect::chat_completions: return "chat_completions";
    case Dialect::responses: return "responses";
    case Dialect::embeddings: return "embeddings";
    case Dialect::bedrock_invoke: return "bedrock_invoke";
    case Dialect::bedrock_converse: return "bedrock_converse";
    case Dialect::opaque: return "opaque";
  }
  return "opaque";
}

}  // namespace weir::model
