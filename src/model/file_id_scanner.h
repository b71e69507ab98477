// model/file_id_scanner.h: which files of the provider's a JSON body names, found while it passes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::model {

// Finds the file_id of every {"source": {"file_id": …}} and of every block of type container_upload, at any
// depth. Other file_ids name what the provider itself has made, and give no access to anything. Holds the
// names and types of the objects that are open, never the body. What is no JSON is the provider's to refuse.
class FileIdScanner {
 public:
  static constexpr std::size_t kStringKept = 256;  // of a string; ids are shorter
  static constexpr std::size_t kDepthMax = 512;    // deeper objects count as sources

  // Appends the ids of the objects that end within `bytes`, which may be cut anywhere.
  void feed(std::string_view bytes, std::vector<std::string>& ids);

 private:
  struct Object {
    bool is_source = false;
    bool is_upload = false;
    std::vector<std::string> file_ids;  // more than one: the member stands twice
  };
  enum class In : std::uint8_t { text, string, escape, hex };

  void take_structure(char c, std::vector<std::string>& ids);
  void take_escape(char c);
  void take_hex(char c);
  void end_string();
  void keep(char c);
  void open(bool is_source);
  void close(std::vector<std::string>& ids);

  In in_ = In::text;
  std::string string_;  // the current or last one, without escapes
  std::string name_;    // of the member whose value follows; empty: none
  bool is_value_ = false;
  unsigned hex_ = 0;
  int hex_digits_ = 0;
  std::vector<Object> objects_;
  std::size_t too_deep_ = 0;  // objects beyond kDepthMax
};

// Those of a body that is there; costs next to nothing where none is named.
std::vector<std::string> file_ids_in(std::string_view body);

}  // namespace weir::model
