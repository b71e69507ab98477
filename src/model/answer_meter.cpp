#include "model/answer_meter.h"

#include "base/text.h"
#include "model/meter.h"

namespace weir::model {
namespace {

bool has_media_type(const net::Headers& headers, std::string_view type) {
  const std::string_view value = headers.get("content-type");
  return iequals(trim(value.substr(0, value.find(';'))), type);
}

template <Dialect dialect>
std::unique_ptr<AnswerMeter> make(const net::Headers& answer) {
  return std::make_unique<Meter>(meter_kind(answer), dialect);
}

std::unique_ptr<AnswerMeter> make_bedrock(const net::Headers& answer) {
  auto meter = std::make_unique<Meter>(meter_kind(answer), Dialect::bedrock_invoke);
  meter->take_counts(answer);
  return meter;
}

}  // namespace

MakeMeter meter_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::messages: return make<Dialect::messages>;
    case Dialect::chat_completions: return make<Dialect::chat_completions>;
    case Dialect::responses: return make<Dialect::responses>;
    case Dialect::embeddings: return make<Dialect::embeddings>;
    case Dialect::bedrock_invoke:
    case Dialect::bedrock_converse: return make_bedrock;
    case Dialect::opaque: return make<Dialect::opaque>;
  }
  return make<Dialect::opaque>;
}

std::unique_ptr<AnswerMeter> make_opaque_meter() {
  return std::make_unique<Meter>(MeterKind::opaque);
}

bool is_event_stream(const net::Headers& headers) {
  return has_media_type(headers, "text/event-stream");
}

MeterKind meter_kind(const net::Headers& headers) {
  const std::string_view encoding = headers.get("content-encoding");
  if (!encoding.empty() && !iequals(encoding, "identity")) return MeterKind::opaque;
  if (is_event_stream(headers)) return MeterKind::event_stream;
  if (has_media_type(headers, "application/vnd.amazon.eventstream")) return MeterKind::frames;
  return has_media_type(headers, "application/json") ? MeterKind::json : MeterKind::opaque;
}

}  // namespace weir::model
