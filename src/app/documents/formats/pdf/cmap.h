// app/documents/formats/pdf/cmap.h: a character map (ISO 32000-1 §9.7.5, §9.10.3): codes → text. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weir::app {

class CMap {
 public:
  static constexpr std::size_t kEntriesMax = 1'000'000;

  // Reads what it understands of the program; damage ends it early.
  static CMap parse(std::string_view program);

  bool empty() const { return texts_.empty() && ranges_.empty(); }
  // UTF-8; nullptr when the code is not mapped.
  const std::string* find(std::uint32_t code, std::size_t code_size) const;
  // Bytes of the code that `bytes` begin with: 1 to 4, by the code space; `otherwise` without one.
  std::size_t code_size(std::string_view bytes, std::size_t otherwise) const;

 private:
  friend class CMapReader;
  struct Range {
    std::uint32_t first = 0, last = 0;
    std::size_t size = 0;
  };
  std::vector<Range> ranges_;
  std::map<std::pair<std::size_t, std::uint32_t>, std::string> texts_;
};

}  // namespace weir::app
