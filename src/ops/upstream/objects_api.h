// ops/upstream/objects_api.h: the Files API and the Message Batches API of the simulated provider.
//
//   POST, GET /v1/files · GET, DELETE /v1/files/{id} · GET /v1/files/{id}/content
//   POST, GET /v1/messages/batches · GET, DELETE …/{id} · POST …/{id}/cancel · GET …/{id}/results
//
// Unlike Anthropic's, uploads can be downloaded again. The header x-weir-batch paces a new batch:
// "ends_after_ms=N,expires_after_ms=N" (200 and a day). A request of a batch fails with what /v1/messages
// would refuse it for.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http.h"
#include "ops/upstream/stored_batches.h"
#include "ops/upstream/stored_files.h"

namespace weir::ops::upstream {

class ObjectsApi {
 public:
  struct Tools {
    const Clock& clock;
    std::function<net::Headers(std::string_view content_type)> headers;  // of every answer
    std::function<std::string(std::string_view prefix)> new_id;
    bool permissive = false;  // an id that was never given is answered as though it had been
    std::size_t body_size_max = 256 * 1024 * 1024;  // of a batch
  };
  explicit ObjectsApi(Tools tools) : tools_(std::move(tools)) {}

  static bool takes(std::string_view path);
  // The request's body has not been read yet. False: no whole answer was sent, the client is gone.
  Task<bool> answer(net::Request& request, net::Responder& responder);

 private:
  struct Path {
    std::string_view id;      // empty: the collection
    std::string_view action;  // "content", "cancel", "results"; empty: none
  };
  static Path parse(std::string_view path, std::string_view prefix);

  Task<Result<>> answer_files(net::Request& request, Path path, net::Responder& responder);
  Task<Result<>> answer_batches(net::Request& request, Path path, net::Responder& responder);
  Task<Result<>> upload(net::Request& request, net::Responder& responder);
  Task<Result<>> send_content(std::shared_ptr<FileContent> content, std::string media_type,
                              net::Responder& responder);
  Task<Result<>> create_batch(net::Request& request, net::Responder& responder);
  Task<Result<>> send(json::value body, net::Responder& responder);
  Task<Result<>> send_error(int status, std::string message, net::Responder& responder);

  std::unique_ptr<StoredFile> find_file(std::string_view id) const;
  std::unique_ptr<StoredBatch> find_batch(std::string_view id) const;

  const Tools tools_;
  StoredFiles files_;
  StoredBatches batches_;
};

}  // namespace weir::ops::upstream
