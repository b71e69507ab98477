// model/dialects/translations.h: the one table of which dialect can be turned into which. A pair without
// a line of its own goes by way of Messages.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/dialects/dialect.h"

namespace weir::model {

// A caller's request to the provider, and the provider's answer back.
struct Translation {
  Dialect caller;
  Dialect provider;
  TranslateRequest request;
  std::unique_ptr<ReplyTranslator> (*reply)(ReplyOptions options);
};

std::span<const Translation> translations();

// One or two translations, one after the other.
class TranslationPath {
 public:
  explicit TranslationPath(const Translation& first, const Translation* second = nullptr)
      : first_(&first), second_(second) {}

  Result<TranslatedRequest> request(std::string_view body, const RequestOptions& options) const;
  std::unique_ptr<ReplyTranslator> reply(const ReplyOptions& options) const;

 private:
  const Translation* first_;
  const Translation* second_;  // null: one is enough
};

// nullopt: Weir knows no way.
std::optional<TranslationPath> find_translation(Dialect caller, Dialect provider,
                                                std::span<const Translation> table = translations());

// `inner` turns the provider's bytes into what `outer` reads. Either may be null; null for both.
std::unique_ptr<ReplyTranslator> chain(std::unique_ptr<ReplyTranslator> inner,
                                       std::unique_ptr<ReplyTranslator> outer);

// Path of the API's one endpoint for answers: "/v1/chat/completions". Empty: the path names the model, and
// the provider makes it.
std::string_view endpoint_of(Dialect dialect);
// For messages and logs: "messages", "chat_completions"…
std::string_view to_string(Dialect dialect);

}  // namespace weir::model
