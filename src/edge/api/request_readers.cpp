#include "edge/api/request_readers.h"

namespace weir::edge {

Result<model::RequestFacts> RequestReaders::read(std::string& body) {
  model::RequestReader reader = take();
  auto facts = reader.read(body);
  give_back(std::move(reader));
  return facts;
}

model::RequestReader RequestReaders::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return model::RequestReader(depth_max_);
  model::RequestReader reader = std::move(idle_.back());
  idle_.pop_back();
  return reader;
}

void RequestReaders::give_back(model::RequestReader reader) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(reader));
}

}  // namespace weir::edge
