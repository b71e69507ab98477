#include "edge/compression.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include "base/text.h"

namespace weir::edge {
namespace {

// Levels at which the encoder is about as fast as the network is: measured on JSON and HTML.
constexpr int kGzipLevel = 5;
constexpr int kBrotliQuality = 4;
constexpr int kZstdLevel = 3;

// A weight of RFC 9110 §12.4.2 in thousandths; malformed counts as 0, so that it is not chosen.
int parse_weight(std::string_view text) {
  text = trim(text);
  if (text == "1" || text == "1.0" || text == "1.00" || text == "1.000") return 1000;
  if (text == "0") return 0;
  if (!text.starts_with("0.") || text.size() > 5) return 0;
  int weight = 0;
  int unit = 100;
  for (const char c : text.substr(2)) {
    if (c < '0' || c > '9') return 0;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  return weight;
}

struct Weights {
  int gzip = -1, br = -1, zstd = -1, any = -1;  // -1: not named
};

Weights parse_accept_encoding(std::string_view field) {
  Weights weights;
  for (std::string_view item : split(field, ',')) {
    int weight = 1000;
    if (const auto semicolon = item.find(';'); semicolon != item.npos) {
      const std::string_view parameter = trim(item.substr(semicolon + 1));
      item = item.substr(0, semicolon);
      if (parameter.starts_with("q=") || parameter.starts_with("Q="))
        weight = parse_weight(parameter.substr(2));
    }
    const std::string_view name = trim(item);
    if (iequals(name, "gzip") || iequals(name, "x-gzip")) weights.gzip = weight;
    if (iequals(name, "br")) weights.br = weight;
    if (iequals(name, "zstd")) weights.zstd = weight;
    if (name == "*") weights.any = weight;
  }
  return weights;
}

std::string gzip(std::string_view bytes) {
  constexpr int kGzipWindow = 15 + 16;  // 16 asks zlib for the gzip format
  z_stream stream{};
  if (deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int outcome = deflate(&stream, Z_FINISH);
  out.resize(outcome == Z_STREAM_END ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

std::string brotli(std::string_view bytes) {
  std::size_t size = BrotliEncoderMaxCompressedSize(bytes.size());
  std::string out(size, '\0');
  const auto ok = BrotliEncoderCompress(kBrotliQuality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, bytes.size(),
                                        reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
                                        reinterpret_cast<std::uint8_t*>(out.data()));
  out.resize(ok == BROTLI_TRUE ? size : 0);
  return out;
}

std::string zstd(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), kZstdLevel);
  out.resize(ZSTD_isError(size) ? 0 : size);
  return out;
}

}  // namespace

std::string_view to_string(Coding coding) {
  switch (coding) {
    case Coding::identity: return "identity";
    case Coding::gzip: return "gzip";
    case Coding::br: return "br";
    case Coding::zstd: return "zstd";
  }
  return "identity";
}

Coding choose_coding(std::string_view accept_encoding) {
  const Weights weights = parse_accept_encoding(accept_encoding);
  Coding best = Coding::identity;
  int best_weight = 0;
  const auto offer = [&](Coding coding, int named) {
    const int weight = named >= 0 ? named : weights.any;
    if (weight <= best_weight) return;
    best = coding;
    best_weight = weight;
  };
  offer(Coding::zstd, weights.zstd);
  offer(Coding::br, weights.br);
  offer(Coding::gzip, weights.gzip);
  return best;
}

bool accepts_gzip(std::string_view accept_encoding) {
  const Weights weights = parse_accept_encoding(accept_encoding);
  return (weights.gzip >= 0 ? weights.gzip : weights.any) > 0;
}

bool is_compressible(std::string_view content_type) {
  const std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  if (type == "text/event-stream") return false;
  return type.starts_with("text/") || type == "application/json" || type.ends_with("+json") ||
         type == "application/javascript" || type == "image/svg+xml";
}

std::string compress(std::string_view bytes, Coding coding) {
  std::string out;
  if (coding == Coding::gzip) out = gzip(bytes);
  if (coding == Coding::br) out = brotli(bytes);
  if (coding == Coding::zstd) out = zstd(bytes);
  if (out.size() >= bytes.size()) out.clear();
  return out;
}

void compress_response(net::Response& response, std::string_view accept_encoding) {
  if (response.body.size() < kCompressSizeMin || response.body.size() > kCompressSizeMax) return;
  if (response.headers.contains("content-encoding") || !is_compressible(response.headers.get("content-type")))
    return;
  if (response.headers.get("cache-control").contains("no-transform")) return;
  response.headers.add("vary", "Accept-Encoding");
  const Coding coding = choose_coding(accept_encoding);
  if (coding == Coding::identity) return;
  std::string smaller = compress(response.body, coding);
  if (smaller.empty()) return;
  response.body = std::move(smaller);
  response.headers.add("content-encoding", to_string(coding));
}

}  // namespace weir::edge
