// ops/check/families/secrets.h: finds what looks like a secret in a text.
#pragma once

#include <string>
#include <string_view>

namespace weir::ops::check {

// What the first one is, with its first characters ("an Anthropic key (sk-ant-a…)"); empty: none.
// `known`: a secret that must not come back whatever it looks like; empty: none.
std::string secret_in(std::string_view text, std::string_view known);

}  // namespace weir::ops::check
