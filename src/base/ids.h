// base/ids.h: identifiers that sort by time and cannot be guessed.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"

namespace weir {

// "<prefix>_" + 26 characters: 48 bits of milliseconds, then 80 random bits, Crockford's base 32
// (the layout of ULID). Example: new_id("doc", …) → "doc_01JD…".
std::string new_id(std::string_view prefix, const Clock& clock, Random& random);

}  // namespace weir
