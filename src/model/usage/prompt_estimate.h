// model/usage/prompt_estimate.h: about how many tokens a request has, for answers that do not tell.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::model {

// From the bytes of a JSON body; what stands in it as base64 (images, documents) counts a flat sum each.
std::int64_t estimated_prompt_tokens(std::string_view body);

}  // namespace weir::model
