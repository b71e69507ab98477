#include "model/answer_meter.h"

#include "base/text.h"
#include "model/meter.h"
#include "model/openai_meter.h"

namespace weir::model {
namespace {

bool has_media_type(const net::Headers& headers, std::string_view type) {
  const std::string_view value = headers.get("content-type");
  return iequals(trim(value.substr(0, value.find(';'))), type);
}

std::unique_ptr<AnswerMeter> make_messages(const net::Headers& answer) {
  return std::make_unique<Meter>(meter_kind(answer));
}

std::unique_ptr<AnswerMeter> make_openai(const net::Headers& answer) {
  const MeterKind kind = meter_kind(answer);
  if (kind == MeterKind::opaque) return make_opaque_meter();
  return std::make_unique<OpenAiMeter>(kind);
}

std::unique_ptr<AnswerMeter> make_opaque(const net::Headers&) {
  return make_opaque_meter();
}

}  // namespace

MakeMeter meter_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::messages: return make_messages;
    case Dialect::chat_completions:
    case Dialect::responses:
    case Dialect::embeddings: return make_openai;
    case Dialect::bedrock_invoke:
    case Dialect::bedrock_converse:
    case Dialect::opaque: return make_opaque;
  }
  return make_opaque;
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
  return has_media_type(headers, "application/json") ? MeterKind::json : MeterKind::opaque;
}

}  // namespace weir::model
