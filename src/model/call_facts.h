// model/call_facts.h: what routing must know of a request that is otherwise forwarded untouched.
#pragma once

#include <cstdint>
#include <string>

namespace weir::model {

// What routing looks at beside model, stream and size; who reads the body fills it in. What is not known
// stays as it is here, and no rule that asks for it matches by accident.
struct CallFacts {
  std::int64_t max_tokens = 0;   // 0 is legal: it fills the cache
  std::uint32_t tools = 0;       // defined for the model
  std::uint32_t images = 0;      // and documents, in any message
  bool thinking_blocks = false;  // earlier turns hold thinking of one particular model
  std::string user;              // metadata.user_id, or OpenAI's `user`
};

}  // namespace weir::model
