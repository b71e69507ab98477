#include "ops/upstream/objects_api.h"

#include <algorithm>

#include "base/text.h"
#include "ops/upstream/file_form.h"
#include "ops/upstream/messages_api.h"
#include "ops/upstream/object_page.h"

namespace weir::ops::upstream {
namespace {

constexpr std::string_view kFiles = "/v1/files";
constexpr std::string_view kBatches = "/v1/messages/batches";
constexpr std::size_t kContentPiece = 64 * 1024;

bool is_at(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

BatchPace pace_of(std::string_view text) {
  BatchPace pace;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view name = trim(part.substr(0, equals));
    const auto number = parse_int(part.substr(std::min(equals + 1, part.size())));
    if (!number) continue;
    if (name == "ends_after_ms") pace.ends_after = std::chrono::milliseconds(*number);
    if (name == "expires_after_ms") pace.expires_after = std::chrono::milliseconds(*number);
  }
  return pace;
}

}  // namespace

bool ObjectsApi::takes(std::string_view path) {
  return is_at(path, kFiles) || is_at(path, kBatches);
}

ObjectsApi::Path ObjectsApi::parse(std::string_view path, std::string_view prefix) {
  path.remove_prefix(std::min(path.size(), prefix.size() + 1));
  const std::size_t slash = std::min(path.find('/'), path.size());
  return {.id = path.substr(0, slash), .action = path.substr(std::min(slash + 1, path.size()))};
}

Task<bool> ObjectsApi::answer(net::Request& request, net::Responder& responder) {
  const bool files = is_at(request.path, kFiles);
  const Path path = parse(request.path, files ? kFiles : kBatches);
  Result<> answered;
  if (files) {
    answered = co_await answer_files(request, path, responder);
  } else {
    answered = co_await answer_batches(request, path, responder);
  }
  if (answered) co_return true;
  const Error& error = answered.error();
  if (error.code == Code::cancelled || responder.started()) {
    responder.abort();
    co_return false;
  }
  const int status = error.code == Code::too_large ? 413 : error.code == Code::internal ? 500 : 400;
  const auto sent = co_await send_error(status, error.message, responder);
  co_return sent.has_value();
}

Task<Result<>> ObjectsApi::answer_files(net::Request& request, Path path, net::Responder& responder) {
  const std::string& method = request.method;
  if (path.id.empty()) {
    if (method == "POST") co_return co_await upload(request, responder);
    json::array all;
    for (const StoredFile& file : files_.all(tools_.clock.wall())) all.push_back(file.metadata());
    auto page = page_of(std::move(all), request);
    co_return co_await send(std::move(page), responder);
  }
  const auto file = find_file(path.id);
  if (file == nullptr) {
    co_return co_await send_error(404, "File not found: " + std::string(path.id), responder);
  }
  if (path.action == "content" && method == "GET") {
    co_return co_await send_content(file->content, file->media_type, responder);
  }
  if (path.action.empty() && method == "GET") co_return co_await send(file->metadata(), responder);
  if (path.action.empty() && method == "DELETE") {
    files_.remove(path.id);
    json::object deleted{{"id", path.id}, {"type", "file_deleted"}};
    co_return co_await send(std::move(deleted), responder);
  }
  co_return co_await send_error(405, "Method Not Allowed", responder);
}

Task<Result<>> ObjectsApi::upload(net::Request& request, net::Responder& responder) {
  const std::string boundary = form_boundary(request.headers.get("content-type"));
  if (boundary.empty()) co_return co_await send_error(400, "file: Field required", responder);
  auto content = FileContent::create();
  if (!content) co_return fail(content);
  FileForm form(boundary, [&content](std::string_view bytes) { return (*content)->append(bytes); });
  while (true) {
    auto piece = co_await request.body->read();
    if (!piece) co_return fail(piece);
    if (piece->empty()) break;
    auto fed = form.feed(*piece);
    if (!fed) co_return fail(fed);
  }
  if (!form.ended() || !form.has_file()) {
    co_return co_await send_error(400, "file: Field required", responder);
  }
  StoredFile file{.id = tools_.new_id("file_01"),
                  .filename = form.filename(),
                  .media_type = form.media_type(),
                  .created_at = tools_.clock.wall(),
                  .content = *content};
  if (const auto seconds = parse_int(form.expires_in_seconds()))
    file.expires_at = file.created_at + std::chrono::seconds(*seconds);
  json::object metadata = file.metadata();
  files_.add(std::move(file));
  co_return co_await send(std::move(metadata), responder);
}

Task<Result<>> ObjectsApi::send_content(std::shared_ptr<FileContent> content, std::string media_type,
                                        net::Responder& responder) {
  net::ResponseHead head{.headers = tools_.headers(media_type)};
  auto started = co_await responder.start(std::move(head), static_cast<std::int64_t>(content->size()));
  if (!started) co_return started;
  for (std::uint64_t at = 0; at < content->size();) {
    auto piece = content->read(at, kContentPiece);
    if (!piece || piece->empty()) co_return fail(Code::internal, "the content is not whole");
    at += piece->size();
    auto written = co_await responder.write(*piece);
    if (!written) co_return written;
  }
  co_return co_await responder.finish();
}

Task<Result<>> ObjectsApi::answer_batches(net::Request& request, Path path, net::Responder& responder) {
  const std::string& method = request.method;
  const WallTime now = tools_.clock.wall();
  if (path.id.empty()) {
    if (method == "POST") co_return co_await create_batch(request, responder);
    json::array all;
    for (const StoredBatch& batch : batches_.all()) all.push_back(batch.to_json(now));
    auto page = page_of(std::move(all), request);
    co_return co_await send(std::move(page), responder);
  }
  auto batch = find_batch(path.id);
  if (batch == nullptr) {
    co_return co_await send_error(404, "Message batch not found: " + std::string(path.id), responder);
  }
  if (path.action == "cancel" && method == "POST") {
    batches_.cancel(path.id, now);
    if (auto cancelled = batches_.find(path.id)) batch = std::move(cancelled);
    co_return co_await send(batch->to_json(now), responder);
  }
  if (path.action == "results" && method == "GET") {
    if (!batch->ended(now)) co_return co_await send_error(404, "The results are not there yet", responder);
    net::Response response{.headers = tools_.headers("application/x-jsonl"), .body = batch->results(now)};
    co_return co_await responder.send(std::move(response));
  }
  if (path.action.empty() && method == "GET") co_return co_await send(batch->to_json(now), responder);
  if (path.action.empty() && method == "DELETE") {
    if (!batch->ended(now)) {
      co_return co_await send_error(400, "A batch can be deleted when it has ended", responder);
    }
    batches_.remove(path.id);
    json::object deleted{{"id", path.id}, {"type", "message_batch_deleted"}};
    co_return co_await send(std::move(deleted), responder);
  }
  co_return co_await send_error(405, "Method Not Allowed", responder);
}

Task<Result<>> ObjectsApi::create_batch(net::Request& request, net::Responder& responder) {
  auto text = co_await net::read_all(*request.body, tools_.body_size_max);
  if (!text) co_return fail(text);
  const auto body = parse_json(*text);
  if (!body) co_return fail(Error(body.error()));
  StoredBatch batch{.id = tools_.new_id("msgbatch_01")};
  std::string refusal = read_batch(*body, batch);
  if (!refusal.empty()) co_return co_await send_error(400, std::move(refusal), responder);
  const BatchPace pace = pace_of(request.headers.get("x-weir-batch"));
  batch.created_at = tools_.clock.wall();
  batch.ends_at = batch.created_at + pace.ends_after;
  batch.expires_at = batch.created_at + pace.expires_after;
  json::object made = batch.to_json(batch.created_at);
  batches_.add(std::move(batch));
  co_return co_await send(std::move(made), responder);
}

std::unique_ptr<StoredFile> ObjectsApi::find_file(std::string_view id) const {
  auto file = files_.find(id, tools_.clock.wall());
  if (file != nullptr || !tools_.permissive) return file;
  auto content = FileContent::create();
  if (!content) return nullptr;
  return std::make_unique<StoredFile>(StoredFile{.id = std::string(id),
                                                 .filename = "file",
                                                 .media_type = "application/octet-stream",
                                                 .created_at = tools_.clock.wall(),
                                                 .content = *content});
}

std::unique_ptr<StoredBatch> ObjectsApi::find_batch(std::string_view id) const {
  auto batch = batches_.find(id);
  if (batch != nullptr || !tools_.permissive) return batch;
  const WallTime now = tools_.clock.wall();
  return std::make_unique<StoredBatch>(StoredBatch{.id = std::string(id),
                                                   .created_at = now,
                                                   .ends_at = now - std::chrono::seconds(1),
                                                   .expires_at = now + std::chrono::hours(24)});
}

Task<Result<>> ObjectsApi::send(json::value body, net::Responder& responder) {
  net::Response response{.headers = tools_.headers("application/json"), .body = json::serialize(body)};
  co_return co_await responder.send(std::move(response));
}

Task<Result<>> ObjectsApi::send_error(int status, std::string message, net::Responder& responder) {
  net::Response response{.status = status, .headers = tools_.headers("application/json")};
  response.body = error_body(status, message, response.headers.get("request-id"));
  response.headers.set("x-should-retry", "false");
  co_return co_await responder.send(std::move(response));
}

}  // namespace weir::ops::upstream
