// model/outbound.h: a caller's call as one provider gets it: in a dialect that it speaks, under the name
// that it gives the model. Where nothing must change, nothing is copied.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "model/call.h"
#include "model/dialects/translations.h"
#include "model/providers/provider.h"

namespace weir::model {

// What a fallback may demand beyond the model's name.
struct OutboundChange {
  bool strip_thinking = false;  // the thinking of earlier turns is another model's
};

class Outbound {
 public:
  // `model`: what the provider calls it. `call` and `provider` outlive the result. invalid_request: the
  // provider does not speak the call's dialect and there is no translation, or it cannot express the call.
  static Result<Outbound> make(const UpstreamCall& call, const Provider& provider, std::string_view model,
                               OutboundChange change = {});

  OutboundCall view() const;
  bool thinking_stripped() const { return thinking_stripped_; }
  bool translated() const { return path_.has_value(); }
  // From the provider's dialect to the caller's; null when they are the same.
  std::unique_ptr<ReplyTranslator> reply_translator(const Clock& clock) const;

 private:
  Outbound(const UpstreamCall& call, std::string_view model) : call_(&call), model_(model) {}

  const UpstreamCall* call_;
  std::string model_;
  Dialect dialect_ = Dialect::messages;
  std::optional<TranslationPath> path_;
  std::optional<std::string> body_;  // where it differs from the caller's
  bool stream_ = false;
  bool include_usage_ = false;  // as TranslatedRequest has them
  std::string echo_;
  bool thinking_stripped_ = false;
};

// The body with another value for its top-level "model"; every other byte stays. invalid_request: it has
// none.
Result<std::string> replace_model(std::string_view body, std::string_view model);

// Whether the model takes temperature, top_p and top_k: Claude's from generation 5 on refuse them.
bool takes_sampling(std::string_view model);

}  // namespace weir::model
