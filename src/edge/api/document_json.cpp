#include "edge/api/document_json.h"

#include "base/time_format.h"
#include "edge/api/body.h"

namespace weir::edge {
namespace {

std::string_view to_text(app::AddOutcome outcome) {
  switch (outcome) {
    case app::AddOutcome::created: return "created";
    case app::AddOutcome::updated: return "updated";
    case app::AddOutcome::unchanged: return "unchanged";
  }
  return "created";
}

// Title, source, media type and metadata.
Result<> read_description(const json::object& body, app::DocumentInput& input) {
  struct Field {
    std::string_view name;
    std::string& target;
  };
  for (const Field& field :
       {Field{"title", input.title}, Field{"source", input.source}, Field{"media_type", input.media_type}}) {
    auto value = optional_string(body, field.name);
    if (!value) return fail(value);
    if (*value != nullptr) field.target = **value;
  }
  if (const json::value* metadata = body.if_contains("metadata");
      metadata != nullptr && !metadata->is_null()) {
    if (!metadata->is_object()) return bad_field("metadata", "metadata must be an object");
    input.metadata_json = to_json(*metadata);
  }
  return {};
}

}  // namespace

json::object document_json(const data::Document& document, WithText with_text) {
  json::object out{{"id", document.id},
                   {"title", document.title},
                   {"source", document.source},
                   {"media_type", document.media_type},
                   {"status", data::to_string(document.status)},
                   {"size_bytes", document.size_bytes},
                   {"chunk_count", document.chunk_count},
                   {"content_sha256", document.content_sha256},
                   {"created_at", to_rfc3339(document.created_at)},
                   {"updated_at", to_rfc3339(document.updated_at)}};
  auto metadata = parse_json(document.metadata_json);
  out["metadata"] = metadata ? *std::move(metadata) : json::value(json::object());
  if (with_text == WithText::yes) out["text"] = document.text;
  return out;
}

json::object added_json(const app::Added& added) {
  json::object out = document_json(added.document, WithText::no);
  out["outcome"] = to_text(added.outcome);
  return out;
}

Result<app::DocumentInput> read_document(const json::object& body) {
  app::DocumentInput input;
  const json::value* text = body.if_contains("text");
  if (text == nullptr)
    return bad_field("text", "text is missing",
                     "send {\"title\": \"…\", \"text\": \"…\"}, or {\"url\": \"https://…\"}");
  if (!text->is_string() || text->get_string().empty())
    return bad_field("text", "text must be a string that is not empty");
  input.bytes = text->get_string();
  auto described = read_description(body, input);
  if (!described) return fail(described);
  return input;
}

Result<app::DocumentInput> read_document_of_url(const json::object& body) {
  app::DocumentInput input;
  const json::value* url = body.if_contains("url");
  if (url == nullptr || !url->is_string()) return bad_field("url", "url must be a string");
  if (body.contains("text")) return bad_field("text", "a document has a text or a url, not both");
  auto described = read_description(body, input);
  if (!described) return fail(described);
  input.source = url->get_string();
  return input;
}

Result<std::string> read_metadata(std::string_view text, std::size_t depth_max) {
  auto object = parse_object(text, depth_max);
  if (!object) return bad_field("metadata", "metadata: " + object.error().message, object.error().hint);
  return to_json(json::value(*std::move(object)));
}

}  // namespace weir::edge
