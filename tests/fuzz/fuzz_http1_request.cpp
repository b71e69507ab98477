// The parser of HTTP/1.1 requests: any bytes, and the same result however they are cut into reads.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http1/parser.h"

namespace {

using weir::net::http1::RequestParser;

// Everything that a connection would learn from these bytes, as one text.
// `cuts` seeds the sizes of the pieces; 0: one piece.
std::string transcript(std::string_view bytes, std::size_t cuts) {
  weir::net::ServerConfig limits;
  limits.head_size_max = 2'048;
  limits.target_size_max = 512;
  limits.fields_max = 8;
  limits.body_size_max = 4'096;
  weir::net::Request request;
  RequestParser parser(limits, request);
  std::string out;
  std::string buffer;
  while (true) {
    std::string_view input = buffer;
    const auto event = parser.next(input);
    if (event == RequestParser::Event::body) out += parser.piece();
    if (event == RequestParser::Event::head) {
      out += request.method + ' ' + request.target + ' ' + request.path + '?' + request.query + ' ' + request.authority;
      for (const weir::net::Field field : request.headers) out.append("\n").append(field.name).append(":").append(field.value);
      out += parser.keep_alive() ? "\nkeep\n" : "\nclose\n";
    }
    if (event == RequestParser::Event::refused) {
      return out + "refused " + std::to_string(parser.refusal().status) + " " + std::string(parser.refusal().reason);
    }
    if (event == RequestParser::Event::done) {
      out += "\ndone\n";
      parser.reset();
    }
    buffer.erase(0, buffer.size() - input.size());
    if (event != RequestParser::Event::need_more) continue;
    if (bytes.empty()) return out + "end";
    cuts = cuts * 7'919;
    const std::size_t size = cuts == 0 ? bytes.size() : std::min(bytes.size(), 1 + (cuts >> 8) % 37);
    buffer += bytes.substr(0, size);
    bytes.remove_prefix(size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = transcript(bytes, 0);
  // Odd seeds never become 0.
  WEIR_ASSERT(transcript(bytes, 2 * size + 1) == whole);
  WEIR_ASSERT(transcript(bytes, 2 * size + 12'345) == whole);
  return 0;
}
