// main/config/text_checks.h: what some texts of the configuration must be, beyond being text.
#pragma once

#include <string_view>

#include "base/error.h"

namespace weir::main {

Result<> not_empty(std::string_view text);
// scheme://host[:port] as a browser sends it (RFC 6454 §6.2): lower case, no path, no "*".
Result<> exact_origin(std::string_view text);
// http:// or https:// with a host, and no credentials, query or fragment.
Result<> http_url(std::string_view text);
// "name: glob", the name as HTTP allows it (RFC 9110 §5.6.2).
Result<> header_pattern(std::string_view text);
// "name=id", neither of them empty.
Result<> model_pair(std::string_view text);
// "ID=SECRET", neither of them empty; the error does not repeat it.
Result<> signing_pair(std::string_view text);
// As http_url, or nothing at all.
Result<> empty_or_http_url(std::string_view text);

// The name of a set of kernels, whether or not this processor has it.
Result<> kernels_name(std::string_view text);
// 64 hexadecimal digits, or nothing at all.
Result<> empty_or_sha256(std::string_view text);

}  // namespace weir::main
