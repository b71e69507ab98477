// edge/api/documents.h: /api/documents.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// One document as JSON with its text or its URL, or as the body itself, or any number as files of a form. 201
// when something was created, else 200. One document answers as an object, several files as {"documents":
// […]}. Files are added as they arrive: when a later one fails, the earlier ones are in the library, and
// sending the form again leaves them as they are. With `Prefer: respond-async` a document that is no form is
// answered at once, by 202 and the Location where its status can be asked for.
Task<Result<>> post_document(Exchange& exchange, const Api& api);

// {"documents": […], "next_cursor"}; ?limit=1…1000 (50), ?cursor.
Task<Result<>> list_documents(Exchange& exchange, const Api& api);

// With its text. Of one that is still being read, or could not be, its status and the reason; ?wait=1…60
// seconds for it.
Task<Result<>> get_document(Exchange& exchange, const Api& api);

// {"id", "deleted": true, "removed": {"text_bytes", "passages"}}, once nothing of it can be found.
Task<Result<>> delete_document(Exchange& exchange, const Api& api);

}  // namespace weir::edge
