// edge/cloud_errors.h: Weir's own refusals as the clients of the clouds read them.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::edge {

// The exception that boto3 and its kin raise, for x-amzn-errortype: "ThrottlingException".
std::string_view aws_exception_of(Code code);
// {"message": …}
std::string aws_body(const Error& error);

// google.rpc.Code: "RESOURCE_EXHAUSTED".
std::string_view google_status_of(Code code);
// {"error": {"code", "message", "status"}}; `status` is HTTP's.
std::string google_body(const Error& error, int status);

}  // namespace weir::edge
