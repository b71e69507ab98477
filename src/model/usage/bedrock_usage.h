// model/usage/bedrock_usage.h: the usage that Amazon Bedrock tells: Converse, and InvokeModel with Claude,
// Nova and whatever else has counts in its body.
#pragma once

#include <string>

#include "model/json_fields.h"
#include "model/usage/usage_reader.h"
#include "net/headers.h"

namespace weir::model {

// The model is not read: the id that was asked for tells the region, and with it the price.
class BedrockUsage final : public UsageReader {
 public:
  EventKindOf event_kinds() const override;
  std::uint64_t delta_envelope_bytes() const override { return 0; }
  void read_event(std::string& data, StreamProgress& progress, MessageReport& report) override;
  void read_frame(const net::Frame& frame, StreamProgress& progress, MessageReport& report) override;
  BodyRead read_body(std::string& json, MessageReport& report) override;

 private:
  void read_chunk(StreamProgress& progress, MessageReport& report);
  void read_converse_event(std::string_view name, StreamProgress& progress, MessageReport& report);

  ondemand::parser parser_;
  std::string json_;  // a payload, with the room that the parser wants
};

// The counts in the fields x-amzn-bedrock-*-token-count, which InvokeModel answers in one piece have. True:
// there were some.
bool read_bedrock_counts(const net::Headers& answer, MessageReport& report);

}  // namespace weir::model
