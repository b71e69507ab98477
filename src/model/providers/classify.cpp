#include "model/providers/classify.h"

namespace weir::model {

Verdict classify_as_sdks_do(int status, const net::Headers& headers) {
  if (status < 400) return status >= 200 && status < 300 ? Verdict::ok : Verdict::final;
  const std::string_view advice = headers.get("x-should-retry");
  if (advice == "true") return Verdict::retry;
  if (advice == "false") return Verdict::final;
  return status == 408 || status == 409 || status == 429 || status >= 500 ? Verdict::retry : Verdict::final;
}

}  // namespace weir::model
