// model/providers/aws/bedrock_reply.h: answers of Bedrock's InvokeModel as the Claude API gives them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "model/dialects/dialect.h"
#include "net/eventstream/eventstream.h"

namespace weir::model {

// A whole body is a message already and passes as it is; the frames of a stream become server-sent events
// whose data are the bytes inside, untouched. Exceptions become `event: error`.
class BedrockToMessages final : public ReplyTranslator {
 public:
  Result<std::string> whole(std::string_view body) override;
  Result<> feed(std::string_view bytes, std::string& out) override;
  void finish(std::string& out) override;
  std::string error(int status, std::string_view body) override;

 private:
  Result<> take(const net::Frame& frame, std::string& out);
  Result<> take_chunk(std::string_view payload, std::string& out);

  net::FrameDecoder decoder_;
  bool ended_ = false;  // by message_stop or an error
};

}  // namespace weir::model
