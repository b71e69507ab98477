// app/documents/formats/xml.h: XML read as a stream of events. A document type declaration is refused, and
// with it every entity that somebody could define: neither external ones nor ones that multiply exist.
#pragma once

#include <string>
#include <string_view>

#include "app/documents/formats/zip.h"
#include "base/error.h"

namespace weir::app {

// The attributes of one element, by their names without prefixes.
class XmlAttributes {
 public:
  explicit XmlAttributes(const char** pairs) : pairs_(pairs) {}
  // Empty when there is none.
  std::string_view get(std::string_view local_name) const;
  // With its prefix: "r:id".
  std::string_view get_prefixed(std::string_view name) const;

 private:
  const char** pairs_;
};

// Names come without their prefixes: those of office documents are unambiguous without.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void start(std::string_view name, const XmlAttributes& attributes) = 0;
  virtual void end(std::string_view name) = 0;
  virtual void text(std::string_view piece) = 0;
  virtual bool enough() const { return false; }  // stop here, without an error
};

// invalid_request: malformed, nested deeper than kXmlDepthMax, or with a document type declaration.
constexpr int kXmlDepthMax = 2'000;
Result<> parse_xml(std::string_view bytes, XmlHandler& handler);
Result<> parse_xml_member(ZipArchive& archive, const std::string& name, XmlHandler& handler);

}  // namespace weir::app
