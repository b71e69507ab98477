// edge/api/files.h: Anthropic's Files API (beta files-api-2025-04-14), passed through. A file is its key's.
#pragma once

#include "edge/routes.h"

namespace weir::edge {

// The form goes to the provider as it arrives and is never held; the client gets the new file's metadata
// when its owner is on the disk.
Task<Result<>> post_file(Exchange& exchange, const Api& api);
Task<Result<>> list_files(Exchange& exchange, const Api& api);  // object_list.h
Task<Result<>> get_file(Exchange& exchange, const Api& api);
Task<Result<>> get_file_content(Exchange& exchange, const Api& api);  // piece by piece
Task<Result<>> delete_file(Exchange& exchange, const Api& api);

}  // namespace weir::edge
