// data/streams.h: streamed answers that outlive their connection. One task appends what a provider
// sends; readers begin after any event that is still held and wait for more.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "data/tenant.h"
#include "net/headers.h"

namespace weir::data {

// Whose stream it is: nobody else learns that it exists.
struct StreamOwner {
  TenantId tenant = default_tenant();
  std::string key_id;
  friend auto operator<=>(const StreamOwner&, const StreamOwner&) = default;
};

struct StreamStart {
  std::string id;  // "str_…", not guessable
  StreamOwner owner;
  std::string chat_id;                // the caller's name for the conversation; empty: none
  net::Headers headers;               // what every reader's answer begins with
  std::chrono::milliseconds grace{};  // how long it goes on while nobody reads
};

// One connection's place in a stream.
struct StreamReader {
  std::string id;
  std::uint64_t turn = 0;    // the newest turn reads, the ones before it are over
  std::uint64_t offset = 0;  // of the next byte
};

struct StreamFacts {
  net::Headers headers;
  std::uint64_t events = 0;  // complete so far
  bool growing = false;
  bool whole = false;  // ended without a failure, at the end of event `events`
};

// Events are those that a client's parser dispatches (stream_events.h), numbered from 1.
//
// Safe to call from any loop. Whoever appends is never made to wait for a reader: what exceeds the
// memory goes to a file, and what exceeds the file is forgotten, oldest first.
class Streams {
 public:
  virtual ~Streams() = default;

  // overloaded: as many streams as the store holds are there already.
  virtual Task<Result<>> begin(StreamStart start) = 0;
  // not_found: removed, or ended.
  virtual Task<Result<>> append(std::string id, std::string bytes) = 0;
  // nullopt: whole. Else what every reader is told behind the last byte. The first end counts.
  virtual Task<> end(std::string id, std::optional<Error> failure) = 0;

  // not_found: unknown, expired, or another owner's.
  virtual Task<Result<StreamFacts>> find(StreamOwner owner, std::string id) = 0;
  // Takes the stream over from whoever reads it, right behind event `after` (0: from its start).
  // not_found as above; gone: these bytes are not held any more, or the stream failed right behind this
  // event; invalid_request: there is no such event yet.
  virtual Task<Result<StreamReader>> attach(StreamOwner owner, std::string id, std::uint64_t after) = 0;
  // The next bytes, waiting for them; empty behind the last one of a whole stream. Errors: the failure
  // that ended the stream; conflict: another reader has taken over; gone: the reader was so slow that its
  // bytes are not held any more; not_found: removed.
  virtual Task<Result<std::string>> read(StreamReader& reader) = 0;
  // The connection is done; from now on nobody reads, if it was the newest. `to_the_end`: the client has
  // everything. Does not wait: for destructors.
  virtual void leave(const StreamReader& reader, bool to_the_end) = 0;

  // The newest stream of a chat, unless a client has got it to its end: then there is nothing to resume.
  virtual Task<Result<std::string>> newest_of_chat(StreamOwner owner, std::string chat_id) = 0;
  // Forgets the stream. not_found as above.
  virtual Task<Result<>> remove(StreamOwner owner, std::string id) = 0;
  // Of these, the ones that should not be produced any longer: removed, or read by nobody for their grace.
  virtual Task<Result<std::vector<std::string>>> overdue(std::vector<std::string> ids) = 0;
};

}  // namespace weir::data
