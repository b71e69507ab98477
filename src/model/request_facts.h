// model/request_facts.h: what Weir must know of a Messages request that it otherwise forwards untouched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "model/call_facts.h"

namespace weir::model {

struct RequestFacts : CallFacts {
  std::string model;
  bool stream = false;
};

// One pass over a body that proves the whole of it to be JSON (RFC 8259, UTF-8). Keeps its memory from one
// body to the next, up to kept_size_max; one for each loop, since it serves one thread.
class RequestReader {
 public:
  // depth_max: nesting allowed. Bodies larger than kept_size_max are read with memory of their own.
  explicit RequestReader(std::size_t depth_max, std::size_t kept_size_max = 256 * 1024);
  ~RequestReader();
  RequestReader(RequestReader&&) noexcept;

  // `body` may be given more capacity; its contents stay. invalid_request: no JSON, no object, nested too
  // deeply, or a field that is missing, doubled or of the wrong type (Error::field names it).
  Result<RequestFacts> read(std::string& body);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace weir::model
