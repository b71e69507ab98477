#include "model/usage/prompt_estimate.h"

#include <algorithm>

namespace weir::model {
namespace {

constexpr std::size_t kBytesPerToken = 4;          // of English
constexpr std::int64_t kAttachmentTokens = 1'000;  // about an image of a screen's size
constexpr std::string_view kBase64Mark = ";base64,";

}  // namespace

std::int64_t estimated_prompt_tokens(std::string_view body) {
  std::size_t text_bytes = 0;
  std::int64_t attachments = 0;
  while (!body.empty()) {
    const std::size_t mark = std::min(body.find(kBase64Mark), body.size());
    text_bytes += mark;
    body.remove_prefix(mark);
    if (body.empty()) break;
    ++attachments;
    body.remove_prefix(std::min(body.find('"'), body.size()));
  }
  return static_cast<std::int64_t>(text_bytes / kBytesPerToken) + attachments * kAttachmentTokens;
}

}  // namespace weir::model
