// base/name_set.h: a few names, fixed when it is compiled, asked for a name that is hardly ever among them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace weir {

// Every field of every message is asked whether it is one of these. Most are not, and most are told by their
// size: the names of no size but theirs are compared.
template <std::size_t N>
class NameSet {
 public:
  template <class... Names>
  consteval explicit NameSet(Names... names) : names_{std::string_view(names)...} {
    for (const std::string_view name : names_) sizes_ |= bit_of(name);
  }

  constexpr bool contains(std::string_view name) const {
    return (sizes_ & bit_of(name)) != 0 && std::ranges::find(names_, name) != names_.end();
  }

 private:
  static constexpr std::uint64_t bit_of(std::string_view name) {
    return std::uint64_t{1} << (name.size() % 64);
  }

  std::array<std::string_view, N> names_;
  std::uint64_t sizes_ = 0;
};
template <class... Names>
NameSet(Names...) -> NameSet<sizeof...(Names)>;

}  // namespace weir
