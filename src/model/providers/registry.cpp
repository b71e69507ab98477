#include "model/providers/registry.h"

#include <algorithm>
#include <array>

#include "model/providers/anthropic.h"
#include "model/providers/aws/bedrock.h"
#include "model/providers/aws/messages_on_aws.h"
#include "model/providers/azure/foundry_provider.h"
#include "model/providers/google/vertex_provider.h"
#include "model/providers/openai.h"

namespace weir::model {
namespace {

constexpr std::array kKinds{
    &kAnthropicKind,         &kOpenAiKind, &kBedrockKind, &kBedrockMantleKind,
    &kClaudePlatformAwsKind, &kVertexKind, &kFoundryKind,
};

}  // namespace

std::span<const ProviderKind* const> provider_kinds() {
  return kKinds;
}

const ProviderKind* find_provider_kind(std::string_view kind) {
  const auto found = std::ranges::find(kKinds, kind, &ProviderKind::kind);
  return found == kKinds.end() ? nullptr : *found;
}

std::string provider_kind_names() {
  std::string names;
  for (const ProviderKind* kind : kKinds) {
    if (!names.empty()) names += ", ";
    names += '"' + std::string(kind->kind) + '"';
  }
  return names;
}

}  // namespace weir::model
