// app/chat/model_port.h: what the chat needs of a model: one call, one streamed answer.
#pragma once

#include <memory>

#include "base/error.h"
#include "base/task.h"
#include "model/call.h"
#include "model/gateway.h"

namespace weir::app {

class ModelPort {
 public:
  virtual ~ModelPort() = default;
  virtual bool configured() const = 0;
  virtual Task<Result<std::unique_ptr<model::UpstreamReply>>> open(model::UpstreamCall call) = 0;
};

class GatewayPort final : public ModelPort {
 public:
  explicit GatewayPort(model::Gateway& gateway) : gateway_(gateway) {}
  bool configured() const override { return gateway_.configured(); }
  Task<Result<std::unique_ptr<model::UpstreamReply>>> open(model::UpstreamCall call) override {
    return gateway_.open(std::move(call));
  }

 private:
  model::Gateway& gateway_;
};

}  // namespace weir::app
