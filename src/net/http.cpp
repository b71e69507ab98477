#include "net/http.h"

namespace weir::net {

Task<Result<std::string_view>> StringBody::read() {
  if (done_) co_return std::string_view();
  done_ = true;
  co_return std::string_view(text_);
}

Task<Result<std::string>> read_all(BodyReader& body, std::size_t size_max) {
  std::string all;
  while (true) {
    auto piece = co_await body.read();
    if (!piece) co_return fail(piece);
    if (piece->empty()) co_return all;
    if (all.size() + piece->size() > size_max) {
      co_return fail(Code::too_large, "the body is larger than " + std::to_string(size_max) + " bytes",
                     "send a smaller body");
    }
    all += *piece;
  }
}

}  // namespace weir::net
