// model/usage/responses_usage.h: the usage that OpenAI's Responses API tells (types/responses of
// openai 3.54).
#pragma once

#include <string>

#include "model/json_fields.h"
#include "model/usage/usage_reader.h"

namespace weir::model {

class ResponsesUsage final : public UsageReader {
 public:
  EventKindOf event_kinds() const override;
  // {"type":"response.output_text.delta","item_id":…,"output_index":0,"content_index":0,"delta":"",
  // "sequence_number":12,"logprobs":[],"obfuscation":""} as recorded.
  std::uint64_t delta_envelope_bytes() const override { return 230; }
  void read_event(std::string& data, StreamProgress& progress, MessageReport& report) override;
  void read_frame(const net::Frame&, StreamProgress&, MessageReport&) override {}  // it has none
  BodyRead read_body(std::string& json, MessageReport& report) override;
};

}  // namespace weir::model
