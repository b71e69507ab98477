// data/cassettes/cassette.h: one recorded exchange as a file that a person can read (docs/record_replay.md
// describes it). The reader takes other recorders' files of the same shape as well.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "net/headers.h"

namespace weir::data {

constexpr std::int64_t kCassetteVersion = 1;

struct CassetteRequest {
  std::string method;
  std::string path;  // with the query, as sent; empty: the recorder kept no request
  net::Headers headers;
  std::string body;  // byte for byte
};

// A piece of the answer as it came.
struct CassetteChunk {
  std::chrono::nanoseconds at{};  // since the request was there
  std::size_t size = 0;           // bytes of the body
};

struct CassetteResponse {
  int status = 200;
  net::Headers headers;  // without framing and date, which are the server's
  std::string body;      // byte for byte
  bool is_stream = false;
  bool cut = false;                   // it broke off behind the last byte
  std::vector<CassetteChunk> chunks;  // their sizes add up to the body; empty: not known
};

struct Cassette {
  std::string name;  // of its file, without ".json"
  WallTime recorded_at{};
  CassetteRequest request;
  CassetteResponse response;
};

// A body is written as JSON when it is JSON (spelled as it was), as text when it is UTF-8, else in base64.
std::string write_cassette(const Cassette& cassette);
// invalid_request: what is missing or of a version that this Weir does not know.
Result<Cassette> read_cassette(std::string name, const std::string& text);
// Every *.json of the directory, in the order of their names. invalid_request names the file that cannot be
// used.
Result<std::vector<Cassette>> load_cassettes(const std::string& directory);

// "20261124T170102.345Z-post-v1-messages-3f9a", sorting by time. `mark` makes it unique.
std::string cassette_name(const Cassette& cassette, std::uint64_t mark);

}  // namespace weir::data
