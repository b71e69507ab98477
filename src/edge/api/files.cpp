#include "edge/api/files.h"

#include "edge/api/object_list.h"
#include "edge/api/object_owners.h"
#include "edge/api/provider_call.h"

namespace weir::edge {
namespace {

constexpr auto kFile = data::ObjectKind::file;

}  // namespace

Task<Result<>> post_file(Exchange& exchange, const Api& api) {
  LimitedBody body(*exchange.request.body, api.config.file_body_size_max);
  co_return co_await upload_object(exchange, api, kFile, body);
}

Task<Result<>> list_files(Exchange& exchange, const Api& api) {
  return list_objects(exchange, api, kFile);
}

Task<Result<>> get_file(Exchange& exchange, const Api& api) {
  return pass_object(exchange, api, kFile);
}

Task<Result<>> get_file_content(Exchange& exchange, const Api& api) {
  return pass_object(exchange, api, kFile);
}

Task<Result<>> delete_file(Exchange& exchange, const Api& api) {
  return delete_object(exchange, api, kFile);
}

}  // namespace weir::edge
