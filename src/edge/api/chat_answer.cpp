#include "edge/api/chat_answer.h"

#include "base/time_format.h"

namespace weir::edge {

json::array sources_json(const std::vector<app::Source>& sources) {
  json::array out;
  for (const app::Source& source : sources) {
    out.push_back(json::object{{"number", source.number},
                               {"document_id", source.document_id},
                               {"title", source.title},
                               {"source", source.source},
                               {"heading", source.heading},
                               {"text", source.text},
                               {"begin", source.begin},
                               {"end", source.end}});
  }
  return out;
}

json::object citation_json(const app::Citation& citation) {
  return {{"source_number", citation.source_number},
          {"document_id", citation.document_id},
          {"cited_text", citation.cited_text},
          {"begin", citation.begin},
          {"end", citation.end},
          {"answer_at", citation.answer_at}};
}

json::object usage_json(const data::Usage& usage) {
  return {{"input_tokens", usage.input_tokens},
          {"cache_creation_input_tokens", usage.cache_write_5m_tokens + usage.cache_write_1h_tokens},
          {"cache_read_input_tokens", usage.cache_read_tokens},
          {"output_tokens", usage.output_tokens}};
}

json::object answer_json(const app::ChatAnswer& answer, std::string_view request_id, WallTime now) {
  json::array citations;
  for (const app::Citation& citation : answer.citations) citations.push_back(citation_json(citation));
  json::object out{{"success", true},
                   {"answer", answer.text},
                   {"timestamp", to_rfc3339(now)},
                   {"kind", app::to_string(answer.kind)},
                   {"sources", sources_json(answer.sources)},
                   {"citations", std::move(citations)}};
  if (answer.usage) out["usage"] = usage_json(*answer.usage);
  if (!answer.model.empty()) out["model"] = answer.model;
  if (!answer.stop_reason.empty()) out["stop_reason"] = answer.stop_reason;
  if (!answer.fallback_reason.empty()) out["fallback_reason"] = answer.fallback_reason;
  out["request_id"] = request_id;
  return out;
}

}  // namespace weir::edge
