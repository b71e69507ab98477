// edge/compression.h: content codings for complete answers (RFC 9110 §8.4.1, §12.5.3). Streams and
// bytes that pass through are never compressed: an encoder holds back what should leave at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/http.h"

namespace weir::edge {

enum class Coding : std::uint8_t { identity, gzip, br, zstd };
std::string_view to_string(Coding coding);

// Below the minimum the head costs more than is saved; above the maximum compressing would hold the
// event loop for too long.
constexpr std::size_t kCompressSizeMin = 1'024;
constexpr std::size_t kCompressSizeMax = 512 * 1'024;

// The coding to use, by weight, then in the order zstd, br, gzip. An absent or empty Accept-Encoding
// means identity: such a client rarely expects anything else.
Coding choose_coding(std::string_view accept_encoding);

// For what is kept compressed already.
bool accepts_gzip(std::string_view accept_encoding);

bool is_compressible(std::string_view content_type);

// Empty when the encoder fails or does not make it smaller.
std::string compress(std::string_view bytes, Coding coding);

// Compresses the body in place when that is worth it, and adds Vary: Accept-Encoding to every answer
// that would depend on it. Leaves alone what has a content-encoding or says no-transform.
void compress_response(net::Response& response, std::string_view accept_encoding);

}  // namespace weir::edge
