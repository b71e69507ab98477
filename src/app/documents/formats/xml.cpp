#include "app/documents/formats/xml.h"

#include <expat.h>

#include <memory>
#include <new>
#include <type_traits>

namespace weir::app {
namespace {

std::string_view local(std::string_view name) {
  return name.substr(name.find(':') + 1);  // npos + 1 is 0
}

class Reader {
 public:
  explicit Reader(XmlHandler& handler) : handler_(handler), parser_(::XML_ParserCreate(nullptr)) {
    if (parser_ == nullptr) throw std::bad_alloc();
    ::XML_SetUserData(parser_.get(), this);
    ::XML_SetElementHandler(parser_.get(), on_start, on_end);
    ::XML_SetCharacterDataHandler(parser_.get(), on_text);
    ::XML_SetStartDoctypeDeclHandler(parser_.get(), on_doctype);
  }

  // False when no more is wanted, be it for an error.
  bool feed(std::string_view bytes, bool last) {
    if (failed_ || handler_.enough()) return false;
    const auto status =
        ::XML_Parse(parser_.get(), bytes.data(), static_cast<int>(bytes.size()), last ? 1 : 0);
    if (status == XML_STATUS_OK) return true;
    if (::XML_GetErrorCode(parser_.get()) == XML_ERROR_NO_MEMORY) throw std::bad_alloc();
    if (!handler_.enough()) failed_ = true;
    return false;
  }

  Result<> outcome() const {
    if (!failed_) return {};
    if (refused_ != nullptr)
      return fail(Code::invalid_request, refused_, "save it again from the program that made it");
    return fail(Code::invalid_request,
                std::string("its XML is damaged: ") + ::XML_ErrorString(::XML_GetErrorCode(parser_.get())) +
                    " in line " + std::to_string(::XML_GetCurrentLineNumber(parser_.get())),
                "save it again from the program that made it");
  }

 private:
  static Reader& self(void* user) { return *static_cast<Reader*>(user); }
  void stop() { ::XML_StopParser(parser_.get(), XML_FALSE); }

  static void on_start(void* user, const char* name, const char** attributes) {
    Reader& reader = self(user);
    if (++reader.depth_ > kXmlDepthMax) {
      reader.refused_ = "its XML nests too deep";
      reader.stop();
      return;
    }
    reader.handler_.start(local(name), XmlAttributes(attributes));
    if (reader.handler_.enough()) reader.stop();
  }
  static void on_end(void* user, const char* name) {
    Reader& reader = self(user);
    --reader.depth_;
    reader.handler_.end(local(name));
    if (reader.handler_.enough()) reader.stop();
  }
  static void on_text(void* user, const char* text, int size) {
    self(user).handler_.text({text, static_cast<std::size_t>(size)});
  }
  static void on_doctype(void* user, const char*, const char*, const char*, int) {
    self(user).refused_ = "its XML declares a document type, as attacks do and office programs do not";
    self(user).stop();
  }

  struct Free {
    void operator()(XML_Parser parser) const { ::XML_ParserFree(parser); }
  };
  XmlHandler& handler_;
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free> parser_;
  const char* refused_ = nullptr;
  int depth_ = 0;
  bool failed_ = false;
};

}  // namespace

std::string_view XmlAttributes::get(std::string_view local_name) const {
  for (const char** pair = pairs_; *pair != nullptr; pair += 2) {
    if (local(pair[0]) == local_name) return pair[1];
  }
  return {};
}

std::string_view XmlAttributes::get_prefixed(std::string_view name) const {
  for (const char** pair = pairs_; *pair != nullptr; pair += 2) {
    if (pair[0] == name) return pair[1];
  }
  return {};
}

Result<> parse_xml(std::string_view bytes, XmlHandler& handler) {
  Reader reader(handler);
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  while (bytes.size() > kPiece) {
    if (!reader.feed(bytes.substr(0, kPiece), false)) return reader.outcome();
    bytes.remove_prefix(kPiece);
  }
  (void)reader.feed(bytes, true);
  return reader.outcome();
}

Result<> parse_xml_member(ZipArchive& archive, const std::string& name, XmlHandler& handler) {
  Reader reader(handler);
  auto unpacked = archive.unpack(name, [&](std::string_view piece) { return reader.feed(piece, false); });
  if (!unpacked) return unpacked;
  (void)reader.feed({}, true);
  return reader.outcome();
}

}  // namespace weir::app
