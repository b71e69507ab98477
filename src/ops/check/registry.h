// ops/check/registry.h: every family of checks, in the order in which they run.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ops/check/context.h"

namespace weir::ops::check {

std::span<const Family> families();
// The ids of all rules.
std::vector<std::string_view> rule_ids();

}  // namespace weir::ops::check
