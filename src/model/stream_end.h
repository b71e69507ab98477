// model/stream_end.h: the last words of a stream that the provider cut, in the caller's dialect: an error
// that its SDKs raise, never a silent end.
#pragma once

#include <string>
#include <string_view>

#include "model/dialects/dialect.h"

namespace weir::model {

struct StreamCut {
  std::string_view message;     // for people
  std::string_view request_id;  // the provider's; empty: none
  bool at_boundary = true;      // the bytes so far end between two events
};

// Appends the error. False when the dialect has no such event that Weir could write: the body must then
// break off, so that the client does not take half an answer for a whole one.
bool append_stream_error(std::string& out, Dialect dialect, const StreamCut& cut);
// Appends what keeps a waiting client's connection alive and changes nothing. False: the dialect has none.
bool append_ping(std::string& out, Dialect dialect);
// Of a streamed answer in that dialect.
std::string_view stream_media_type(Dialect dialect);

}  // namespace weir::model
