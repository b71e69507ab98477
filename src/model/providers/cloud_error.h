// model/providers/cloud_error.h: what a cloud's error is in the Claude API's terms. The wording stays the
// cloud's: clients match it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace weir::model {

struct CloudError {
  int status = 500;
  std::string type;     // "rate_limit_error"
  std::string message;  // the cloud's
  std::string body;     // the envelope; the cloud's own bytes when they are one
};

// From an answer with status >= 400. `kind` is AWS's x-amzn-errortype, or the name of an exception in an
// event stream; empty: unknown. Understands the Claude API's envelope, AWS's {"message"}, Google's and
// Azure's {"error": {"message"}}, and passes on what it cannot read as text.
CloudError cloud_error(int status, std::string_view kind, std::string_view body);

// {"type":"error","error":{"type":…,"message":…}}
std::string error_envelope(std::string_view type, std::string_view message);

// The data of an `event: error`, appended as that event.
void append_error_event(std::string& out, std::string_view envelope);

}  // namespace weir::model
