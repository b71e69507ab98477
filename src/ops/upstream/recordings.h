// ops/upstream/recordings.h: the answers of recorded exchanges (data/cassettes/cassette.h reads the files),
// found by name or by what was asked.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "net/headers.h"

namespace weir::ops::upstream {

struct Recording {
  int status = 200;
  net::Headers headers;  // without framing and date, which are the server's
  std::string body;      // as recorded, byte for byte
  bool is_stream = false;
};

class Recordings {
 public:
  // Reads every *.json of the directory. invalid_request names the file that cannot be used.
  static Result<Recordings> load(const std::string& directory);

  // By file name, with or without ".json". Null when there is none.
  const Recording* find(std::string_view file_name) const;
  // The first, in the order of file names, whose request named the same model, ended with the same user
  // text and wanted a stream or not as this one does. Null when there is none.
  const Recording* match(const json::value& request) const;
  std::size_t size() const { return by_name_.size(); }

 private:
  std::map<std::string, Recording, std::less<>> by_name_;
  std::map<std::string, const Recording*, std::less<>> by_request_;
};

// The text of the last user message that has any, its blocks joined by newlines.
std::string last_user_text(const json::value& request);

}  // namespace weir::ops::upstream
