// edge/api/document_json.h: documents as JSON, and a document given as JSON. Pure functions.
#pragma once

#include "app/documents/library.h"
#include "base/error.h"
#include "base/json.h"
#include "data/documents.h"

namespace weir::edge {

enum class WithText : bool { no, yes };
json::object document_json(const data::Document& document, WithText with_text);

// The document with "outcome": "created", "updated" or "unchanged".
json::object added_json(const app::Added& added);

// {"text", "title"?, "source"?, "media_type"?, "metadata"?: object}; invalid_request names the field.
Result<app::DocumentInput> read_document(const json::object& body);

// The metadata of a form field: a JSON object in text.
// The same of a body that names a URL instead of a text: the input has it as its source, and no bytes.
Result<app::DocumentInput> read_document_of_url(const json::object& body);

Result<std::string> read_metadata(std::string_view text, std::size_t depth_max);

}  // namespace weir::edge
