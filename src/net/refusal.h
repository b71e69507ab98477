// net/refusal.h: why the server does not take a message.
#pragma once

#include <string_view>

namespace weir::net {

struct Refusal {
  int status = 400;
  std::string_view reason;   // a metric label: few, fixed values
  std::string_view message;  // one sentence for the client
};

}  // namespace weir::net
