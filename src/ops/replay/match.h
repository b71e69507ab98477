// ops/replay/match.h: whether a request is the recorded one, and if not, where they differ first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "data/cassettes/cassette.h"

namespace weir::ops::replay {

enum class MatchMode : std::uint8_t {
  // Method, path, query, the headers that change an answer (versions, betas, the body's type), and the body
  // as JSON, in its order; other bodies byte for byte.
  strict,
  // Neither headers, nor the order of query and members, nor what is different each time: user and session
  // ids, request, message and call ids, UUIDs, dates, a form's boundary.
  loose,
};

// A request as it is compared. Requests that are equal have equal keys.
struct Normal {
  std::string line;     // method, path and query
  std::string headers;  // empty when they do not count
  std::string body;
  json::value document;  // of a JSON body; else null
  std::string key() const { return line + '\n' + headers + '\n' + body; }
};

// Both sides must have been redacted alike.
Normal normal_form(const data::CassetteRequest& request, MatchMode mode);

struct Difference {
  std::size_t count = 0;  // how many places differ; 0: equal
  std::string first;      // "messages[0].content: \"Hi\" instead of \"Hello\""
};
Difference difference(const Normal& asked, const Normal& recorded);

// What is different in every run of a program, replaced by a word for what it is.
std::string without_volatile_parts(std::string_view text);

}  // namespace weir::ops::replay
