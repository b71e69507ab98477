#include "edge/api/documents.h"

#include "base/text.h"
#include "base/time_format.h"
#include "edge/api/api.h"
#include "edge/api/body.h"
#include "edge/api/document_json.h"
#include "edge/api/multipart.h"
#include "edge/api/query.h"
#include "edge/policies/body_checks.h"

namespace weir::edge {
namespace {

constexpr std::uint32_t kListDefault = 50;
constexpr std::uint32_t kListMax = 1'000;
constexpr std::uint32_t kWaitMaxSeconds = 60;

// RFC 7240 §4.1.
bool wants_to_leave(const Exchange& exchange) {
  for (const std::string_view wish : split(exchange.request.headers.get("prefer"), ',')) {
    if (iequals(trim(wish), "respond-async")) return true;
  }
  return false;
}

json::object ingestion_json(const std::string& id, const app::Ingestion& ingestion) {
  json::object out{{"id", ingestion.document_id.empty() ? id : ingestion.document_id},
                   {"status", app::to_string(ingestion.status)},
                   {"source", ingestion.source},
                   {"created_at", to_rfc3339(ingestion.begun_at)}};
  if (ingestion.status != app::IngestionStatus::processing) out["ended_at"] = to_rfc3339(ingestion.ended_at);
  if (ingestion.reason) {
    out["reason"] = {{"code", to_string(ingestion.reason->code)},
                     {"error", ingestion.reason->message},
                     {"hint", ingestion.reason->hint}};
  }
  return out;
}

Task<Result<>> answer_begun(Exchange& exchange, const Api& api, app::DocumentInput input) {
  const std::string source = input.source;
  auto id = co_await api.ingestions->begin(exchange.principal.tenant, std::move(input));
  if (!id) co_return fail(id);
  const json::object body{{"id", *id}, {"status", "processing"}, {"source", source}};
  auto response = json_response(202, to_json(body));
  response.headers.add("location", "/api/documents/" + *id);
  response.headers.add("preference-applied", "respond-async");
  co_return co_await exchange.out.send(std::move(response));
}

Task<Result<>> answer_added(Exchange& exchange, const Api& api, app::DocumentInput input) {
  if (api.ingestions != nullptr && wants_to_leave(exchange)) {
    co_return co_await answer_begun(exchange, api, std::move(input));
  }
  auto added = co_await api.library.add(exchange.principal.tenant, std::move(input));
  if (!added) co_return fail(added);
  const int status = added->outcome == app::AddOutcome::created ? 201 : 200;
  auto response = json_response(status, to_json(json::value(added_json(*added))));
  if (status == 201) response.headers.add("location", "/api/documents/" + added->document.id);
  co_return co_await exchange.out.send(std::move(response));
}

// {"url", "title"?, "metadata"?}: the URL is the document's source, so that it can be fetched again.
Task<Result<>> add_from_url(Exchange& exchange, const Api& api, const json::object& object) {
  auto input = read_document_of_url(object);
  if (!input) co_return fail(input);
  if (api.urls == nullptr) co_return fail(Code::unavailable, "documents are not taken from the web here");
  auto fetched = co_await api.urls->fetch(input->source);
  if (!fetched) {
    fetched.error().field = "url";
    co_return fail(fetched);
  }
  input->bytes = std::move(fetched->bytes);
  if (input->media_type.empty()) input->media_type = std::move(fetched->media_type);
  co_return co_await answer_added(exchange, api, *std::move(input));
}

Task<Result<>> add_from_json(Exchange& exchange, const Api& api) {
  auto body = co_await read_body(exchange, api.config.document_body_size_max);
  if (!body) co_return fail(body);
  auto object = parse_object(*body, api.config.json_depth_max);
  if (!object) co_return fail(object);
  if (object->contains("url")) co_return co_await add_from_url(exchange, api, *object);
  auto input = read_document(*object);
  if (!input) co_return fail(input);
  co_return co_await answer_added(exchange, api, *std::move(input));
}

// The body is the document; its name comes from the query or from Content-Disposition.
Task<Result<>> add_from_bytes(Exchange& exchange, const Api& api) {
  auto body = co_await read_body(exchange, api.config.document_body_size_max);
  if (!body) co_return fail(body);
  app::DocumentInput input;
  input.bytes = *std::move(body);
  input.media_type = media_type_of(exchange.request.headers.get("content-type"));
  if (input.media_type == "application/octet-stream") input.media_type.clear();  // says nothing: guess
  input.title = query_value(exchange.request.query, "title").value_or("");
  input.source = query_value(exchange.request.query, "source").value_or("");
  if (input.source.empty()) {
    input.source = disposition_filename(exchange.request.headers.get("content-disposition"));
  }
  if (!is_valid_utf8(input.title)) co_return bad_field("title", "title must be UTF-8");
  if (!is_valid_utf8(input.source)) co_return bad_field("source", "source must be UTF-8");
  co_return co_await answer_added(exchange, api, std::move(input));
}

// What one form upload has come to so far. Fields apply to the files after them.
struct Upload {
  std::string title;
  std::string source;
  std::string metadata_json = "{}";
  std::vector<app::Added> added;
};

bool is_file(const MultipartPart& part) {
  return !part.filename.empty() || part.name == "file";
}

Result<> take_field(Upload& upload, MultipartPart part, std::size_t depth_max) {
  if (part.name == "metadata") {
    auto metadata = read_metadata(part.body, depth_max);
    if (!metadata) return fail(metadata);
    upload.metadata_json = *std::move(metadata);
    return {};
  }
  if (part.name != "title" && part.name != "source") return {};  // forms carry other fields, too
  if (!is_valid_utf8(part.body)) return bad_field(part.name, part.name + " is not valid UTF-8");
  (part.name == "title" ? upload.title : upload.source) = std::move(part.body);
  return {};
}

Task<Result<>> take_part(Exchange& exchange, const Api& api, Upload& upload, MultipartPart part) {
  if (!is_file(part)) co_return take_field(upload, std::move(part), api.config.json_depth_max);
  app::DocumentInput input;
  input.bytes = std::move(part.body);
  input.media_type = media_type_of(part.media_type);
  if (input.media_type == "application/octet-stream") input.media_type.clear();
  input.title = std::exchange(upload.title, {});  // two files can share metadata, but no title or source
  input.source = std::exchange(upload.source, {});
  if (input.source.empty()) input.source = part.filename;
  input.metadata_json = upload.metadata_json;
  auto added = co_await api.library.add(exchange.principal.tenant, std::move(input));
  if (!added) {
    Error error = std::move(added.error());
    if (!part.filename.empty()) error.message = part.filename + ": " + error.message;
    co_return fail(std::move(error));
  }
  upload.added.push_back(*std::move(added));
  co_return Result<>();
}

Task<Result<>> read_form(Exchange& exchange, const Api& api, Upload& upload, MultipartParser& parser) {
  std::size_t size = 0;
  while (true) {
    std::optional<BodyTimer> timer;
    timer.emplace(exchange);
    auto piece = co_await exchange.request.body->read();
    timer.reset();
    if (!piece) co_return fail(piece);
    if (piece->empty()) break;
    size += piece->size();
    if (size > api.config.document_body_size_max) {
      co_return fail(
          Code::too_large,
          "the form is larger than " + std::to_string(api.config.document_body_size_max) + " bytes",
          "send fewer files at a time");
    }
    auto kept = keep_in_memory(exchange, piece->size());
    if (!kept) co_return kept;
    auto fed = parser.feed(*piece);
    if (!fed) co_return fed;
    while (auto part = parser.take()) {
      auto taken = co_await take_part(exchange, api, upload, *std::move(part));
      if (!taken) co_return taken;
    }
  }
  co_return parser.finish();
}

Task<Result<>> add_from_form(Exchange& exchange, const Api& api) {
  const auto boundary = multipart_boundary(exchange.request.headers.get("content-type"));
  if (!boundary) co_return fail(Code::invalid_request, "the multipart Content-Type names no usable boundary");
  MultipartLimits limits;
  limits.part_size_max = api.config.document_body_size_max;
  MultipartParser parser(*boundary, limits);
  Upload upload;
  auto read = co_await read_form(exchange, api, upload, parser);
  if (!read) co_return read;
  if (upload.added.empty()) co_return bad_field("file", "the form has no file", "name the part \"file\"");

  bool created = false;
  json::array documents;
  for (const app::Added& added : upload.added) {
    created = created || added.outcome == app::AddOutcome::created;
    documents.push_back(added_json(added));
  }
  json::value body = json::object{{"documents", documents}};
  if (documents.size() == 1) body = documents[0];
  auto response = json_response(created ? 201 : 200, to_json(body));
  co_return co_await exchange.out.send(std::move(response));
}

Task<Result<>> refuse_charset() {
  co_return fail(Code::unsupported_media_type, "JSON must be in UTF-8",
                 "send Content-Type: application/json");
}

}  // namespace

Task<Result<>> post_document(Exchange& exchange, const Api& api) {
  const std::string_view type = exchange.request.headers.get("content-type");
  if (media_type_of(type) == "multipart/form-data") return add_from_form(exchange, api);
  if (is_json_type(type)) return add_from_json(exchange, api);
  if (media_type_of(type) == "application/json") return refuse_charset();
  return add_from_bytes(exchange, api);
}

Task<Result<>> list_documents(Exchange& exchange, const Api& api) {
  const auto limit = query_number(exchange.request.query, "limit", 1, kListMax, kListDefault);
  if (!limit) co_return fail(Error(limit.error()));
  std::string cursor = query_value(exchange.request.query, "cursor").value_or("");
  auto page = co_await api.library.list(exchange.principal.tenant, *limit, std::move(cursor));
  if (!page) co_return fail(page);
  json::array documents;
  for (const data::Document& document : page->documents)
    documents.push_back(document_json(document, WithText::no));
  json::object body{{"documents", std::move(documents)}, {"next_cursor", nullptr}};
  if (!page->next_cursor.empty()) body["next_cursor"] = page->next_cursor;
  auto response = json_response(200, to_json(body));
  co_return co_await exchange.out.send(std::move(response));
}

Task<Result<>> get_document(Exchange& exchange, const Api& api) {
  std::string id(exchange.path_argument);
  const auto wait_s = query_number(exchange.request.query, "wait", 0, kWaitMaxSeconds, 0);
  if (!wait_s) co_return fail(Error(wait_s.error()));
  if (api.ingestions != nullptr) {
    const std::chrono::seconds limit(*wait_s);
    const auto ingestion = co_await api.ingestions->wait(exchange.principal.tenant, id, limit);
    if (ingestion && ingestion->status != app::IngestionStatus::ready) {
      auto response = json_response(200, to_json(ingestion_json(id, *ingestion)));
      co_return co_await exchange.out.send(std::move(response));
    }
    if (ingestion) id = ingestion->document_id;
  }
  auto document = co_await api.library.get(exchange.principal.tenant, std::move(id));
  if (!document) co_return fail(document);
  auto response = json_response(200, to_json(document_json(*document, WithText::yes)));
  *document = {};  // a client that reads slowly holds one copy, not two
  co_return co_await exchange.out.send(std::move(response));
}

Task<Result<>> delete_document(Exchange& exchange, const Api& api) {
  std::string id(exchange.path_argument);
  auto removed = co_await api.library.remove(exchange.principal.tenant, std::move(id));
  if (!removed) co_return fail(removed);
  const json::object body{
      {"id", removed->id},
      {"deleted", true},
      {"removed", {{"text_bytes", removed->text_bytes}, {"passages", removed->passages}}}};
  auto response = json_response(200, to_json(body));
  co_return co_await exchange.out.send(std::move(response));
}

}  // namespace weir::edge
