// The whole edge over the real application, with documents in memory and no provider configured.
#include "edge/edge.h"

#include <doctest/doctest.h>

#include "app/chat/model_port.h"
#include "base/json.h"
#include "base/text.h"
#include "data/memory/documents.h"
#include "data/memory/provider_objects.h"
#include "data/memory/streams.h"
#include "data/memory/traces.h"
#include "data_temporary_directory.h"
#include "edge/api/page.h"
#include "edge_fakes.h"
#include "net/client.h"

namespace weir::edge {
namespace {

// Finds what the store finds.
class StoreRetriever final : public app::Retriever {
 public:
  explicit StoreRetriever(data::Documents& documents) : documents_(documents) {}
  Task<Result<std::vector<data::FoundChunk>>> find(data::TenantId tenant, std::string question) override {
    return documents_.search_text(std::move(tenant), std::move(question), 3);
  }

 private:
  data::Documents& documents_;
};

class NoUsage final : public model::UsageSink {
 public:
  void record(data::LedgerRow) override { FAIL("nothing was asked of a provider"); }
};

struct World {
  World() {
    EdgeConfig config;
    config.rate_limit_enabled = false;
    config.document_body_size_max = 64 * 1024;
    EdgeServices services{chat,    library, gateway, keys, limits,  streams, traces,
                          objects, clock,   random,  log,  metrics, health};
    edge.emplace(std::move(config), services);
    handler = edge->handler();
  }

  test::CapturedResponse ask(std::string method, std::string target, net::Headers headers = {},
                             std::vector<std::string> pieces = {}) {
    test::CapturedResponse captured;
    std::size_t size = 0;
    for (const auto& piece : pieces) size += piece.size();
    test::PiecesBody body(std::move(pieces));
    net::Request request = test::request_of(std::move(method), std::move(target), body, size > 0);
    request.headers = std::move(headers);
    test::run(handler(request, captured));
    return captured;
  }
  test::CapturedResponse post_json(std::string target, std::string body, net::Headers headers = {}) {
    headers.add("content-type", "application/json");
    return ask("POST", std::move(target), std::move(headers), {std::move(body)});
  }
  json::value add(std::string title, std::string text) {
    const auto added = post_json(
        "/api/documents", to_json(json::object{{"title", title}, {"text", text}, {"metadata", {{"a", 1}}}}));
    CHECK(added.status == 201);
    return parse_json(added.body).value();
  }

  ManualClock clock;
  SeededRandom random{11};
  observe::Log log{observe::LogConfig{.level = observe::Level::error}, clock, 2};
  observe::Metrics metrics;
  observe::Health health{clock};
  net::WorkerPool pool{"test", 1, 16};
  net::Client client{net::ClientConfig(), pool, log, metrics};
  model::Prices prices = model::Prices::builtin();
  NoUsage usage;
  model::Gateway gateway{model::GatewayConfig(), client, prices, usage, clock, random, log, metrics, health};
  data::MemoryDocuments documents;
  StoreRetriever retriever{documents};
  app::GatewayPort model_port{gateway};
  app::Chat chat{app::ChatConfig(), retriever, model_port, log, metrics};
  app::InlineReader reader;
  app::Library library{app::LibraryConfig(), documents, reader, pool, clock, random};
  test::KnownKeys keys;
  test::CountingLimits limits;
  weir::test::TemporaryDirectory directory;
  data::MemoryProviderObjects objects;
  data::MemoryStreams streams{
      data::SpillFile::open(directory.path().string(), 1 << 20).value(), {}, clock, pool, metrics};
  data::MemoryTraces traces{{}};
  std::optional<Edge> edge;
  net::Handler handler;
};

json::value parsed(const test::CapturedResponse& response) {
  return parse_json(response.body).value();
}

constexpr std::string_view kRefunds =
    "# Refunds\n\nOrders can be returned within 30 days. The refund is paid within 5 working days.\n";

TEST_CASE("documents: add, add again, list, read, remove") {
  World world;
  const auto document = world.add("Refunds", std::string(kRefunds));
  const std::string id(string_member(document, "id"));
  CHECK(id.starts_with("doc_"));
  CHECK(string_member(document, "outcome") == "created");
  CHECK(to_json(*find_member(document, "metadata")) == "{\"a\":1}");
  const auto again =
      world.post_json("/api/documents", to_json(json::object{{"title", "Refunds"}, {"text", kRefunds}}));
  CHECK(again.status == 200);
  CHECK(string_member(parsed(again), "outcome") == "unchanged");

  const auto page = parsed(world.ask("GET", "/api/documents?limit=1"));
  REQUIRE(find_member(page, "documents")->as_array().size() == 1);
  CHECK(find_member(page, "next_cursor")->is_null());
  CHECK_FALSE(find_member(page, "documents")->as_array()[0].as_object().contains("text"));

  const auto whole = world.ask("GET", "/api/v1/documents/" + id);
  CHECK(whole.status == 200);
  CHECK(string_member(parsed(whole), "text").contains("5 working days"));

  const auto removed = world.ask("DELETE", "/api/documents/" + id);
  CHECK(removed.status == 200);
  CHECK(find_member(parsed(removed), "deleted")->as_bool());
  CHECK(find_member(*find_member(parsed(removed), "removed"), "passages")->as_int64() == 1);
  CHECK(world.ask("DELETE", "/api/documents/" + id).status == 404);
  CHECK(world.ask("GET", "/api/documents/" + id).status == 404);
}

TEST_CASE("documents: a form in pieces, with several files and fields for the files after them") {
  World world;
  const std::string form =
      "--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"team\": \"shop\"}\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nReturns\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.md\"\r\nContent-Type: "
      "text/markdown\r\n\r\n" +
      std::string(kRefunds) +
      "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b.txt\"\r\n\r\nGift cards cannot "
      "be returned.\r\n--b--\r\n";
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < form.size(); at += 50) pieces.push_back(form.substr(at, 50));
  const auto added =
      world.ask("POST", "/api/documents", {{"content-type", "multipart/form-data; boundary=b"}}, pieces);
  REQUIRE(added.status == 201);
  const auto body = parsed(added);
  const auto& documents = find_member(body, "documents")->as_array();
  REQUIRE(documents.size() == 2);
  CHECK(string_member(documents[0], "title") == "Returns");
  CHECK(string_member(documents[0], "source") == "a.md");
  CHECK(string_member(documents[1], "source") == "b.txt");
  CHECK(string_member(documents[1], "title") != "Returns");
  CHECK(string_member(*find_member(documents[1], "metadata"), "team") == "shop");
}

TEST_CASE("documents: the body itself, named by the query or by Content-Disposition") {
  World world;
  const auto markdown =
      world.ask("POST", "/api/documents?title=Returns%20policy&source=policy.md",
                {{"content-type", "text/markdown; charset=utf-8"}}, {std::string(kRefunds)});
  CHECK(markdown.status == 201);
  CHECK(string_member(parsed(markdown), "title") == "Returns policy");
  CHECK(string_member(parsed(markdown), "media_type") == "text/markdown");
  const auto named = world.ask("POST", "/api/documents",
                               {{"content-type", "application/octet-stream"},
                                {"content-disposition", "attachment; filename=\"notes.txt\""}},
                               {"Some notes."});
  CHECK(named.status == 201);
  CHECK(string_member(parsed(named), "source") == "notes.txt");
}

TEST_CASE("documents: what is wrong is said") {
  World world;
  const auto check = [&](int status, std::string_view field, const test::CapturedResponse& refused) {
    CAPTURE(refused.body);
    CHECK(refused.status == status);
    CHECK(string_member(parsed(refused), "field") == field);
  };
  check(400, "text", world.post_json("/api/documents", "{}"));
  check(400, "text", world.post_json("/api/documents", "{\"text\": \"\"}"));
  check(400, "title", world.post_json("/api/documents", "{\"text\": \"a\", \"title\": 1}"));
  check(400, "metadata", world.post_json("/api/documents", "{\"text\": \"a\", \"metadata\": []}"));
  check(400, "limit", world.ask("GET", "/api/documents?limit=0"));
  const net::Headers form{{"content-type", "multipart/form-data; boundary=b"}};
  check(400, "file", world.ask("POST", "/api/documents", form, {"--b--"}));
  check(400, "", world.ask("POST", "/api/documents", form, {"--b\r\n"}));
  check(400, "", world.ask("POST", "/api/documents", {{"content-type", "multipart/form-data"}}, {"--b--"}));
  check(413, "",
        world.ask("POST", "/api/documents", form,
                  {"--b\r\n", std::string(40'000, 'x'), std::string(40'000, 'x')}));
  check(413, "",
        world.ask("POST", "/api/documents", {{"content-type", "text/plain"}},
                  {std::string(40'000, 'x'), std::string(40'000, 'x')}));
  check(415, "", world.ask("POST", "/api/documents", {{"content-type", "image/png"}}, {"\x89PNG"}));
}

TEST_CASE("chat: an answer without a model quotes the documents, whole and streamed") {
  World world;
  world.add("Refunds", std::string(kRefunds));
  const auto whole = world.post_json("/api/chat", "{\"message\": \"When is the refund paid?\"}");
  REQUIRE(whole.status == 200);
  const auto answer = parsed(whole);
  CHECK(answer.as_object().at("success").as_bool());
  CHECK(string_member(answer, "kind") == "extractive");
  CHECK(string_member(answer, "answer").contains("5 working days"));
  CHECK(string_member(answer, "fallback_reason") == "no_api_key");
  CHECK(string_member(answer, "timestamp").ends_with("Z"));
  CHECK(string_member(answer, "request_id") == whole.headers.get("x-request-id"));
  CHECK_FALSE(find_member(answer, "sources")->as_array().empty());

  const auto streamed =
      world.post_json("/api/chat", "{\"message\": \"When is the refund paid?\", \"stream\": true}");
  CHECK(streamed.headers.get("content-type") == "text/event-stream; charset=utf-8");
  CHECK(streamed.body.starts_with("event: sources\n"));
  CHECK(streamed.body.contains("event: text\n"));
  CHECK(streamed.body.contains("event: done\n"));
  CHECK(streamed.finished);

  const auto ui = world.post_json(
      "/api/chat",
      R"({"messages": [{"role": "user", "parts": [{"type": "text", "text": "When is the refund paid?"}]}]})");
  CHECK(ui.headers.get("x-vercel-ai-ui-message-stream") == "v1");
  CHECK(ui.body.starts_with("data: {\"type\":\"start\""));
  CHECK(ui.body.ends_with("data: [DONE]\n\n"));
}

TEST_CASE("chat: bad bodies are named") {
  World world;
  struct Row {
    std::string_view body, words;
  };
  for (const Row row : {Row{"{", "JSON"}, Row{"[]", "object"}, Row{"{}", "message"},
                        Row{"{\"message\": \"\xff\"}", "UTF-8"}}) {
    CAPTURE(row.body);
    const auto refused = world.post_json("/api/chat", std::string(row.body));
    CHECK(refused.status == 400);
    CHECK(string_member(parsed(refused), "error").contains(row.words));
  }
  const auto deep = world.post_json(
      "/api/chat", "{\"message\": \"a\", \"x\": " + std::string(200, '[') + std::string(200, ']') + "}");
  CHECK(deep.status == 400);
  CHECK(string_member(parsed(deep), "hint").contains("nest"));
}

TEST_CASE("messages: without a provider Weir says so in Anthropic's envelope, and not to try again") {
  World world;
  const auto refused = world.post_json("/v1/messages?beta=true",
                                       R"({"model": "claude-sonnet-5-5", "max_tokens": 1, "messages": []})");
  CHECK(refused.status == 503);
  CHECK(string_member(parsed(refused), "type") == "error");
  CHECK(refused.headers.get("x-should-retry") == "false");
  const auto broken = world.post_json("/v1/messages", "{\"model\": ");
  CHECK(broken.status == 400);
  CHECK(string_member(*find_member(parsed(broken), "error"), "type") == "invalid_request_error");
}

TEST_CASE("models: those with a price, in pages") {
  World world;
  const auto first = parsed(world.ask("GET", "/v1/models?limit=2"));
  const auto& data = find_member(first, "data")->as_array();
  REQUIRE(data.size() == 2);
  CHECK(string_member(data[0], "type") == "model");
  CHECK(find_member(first, "has_more")->as_bool());
  const auto second = parsed(
      world.ask("GET", "/v1/models?limit=1000&after_id=" + std::string(string_member(first, "last_id"))));
  CHECK_FALSE(find_member(second, "has_more")->as_bool());
  CHECK(string_member(find_member(second, "data")->as_array()[0], "id") > string_member(first, "last_id"));
  CHECK(world.ask("GET", "/v1/models/" + std::string(string_member(data[0], "id"))).status == 200);
  CHECK(world.ask("GET", "/v1/models/none").status == 404);
}

TEST_CASE("health: every check is listed; a required one that fails turns it and readiness to 503") {
  World world;
  world.health.report("database", observe::HealthState::ok, "answers", true);
  const auto healthy = world.ask("GET", "/api/health");
  CHECK(healthy.status == 200);
  const auto body = parsed(healthy);
  CHECK(string_member(body, "status") == "healthy");
  CHECK(find_member(*find_member(body, "memory"), "resident_bytes")->to_number<std::uint64_t>() > 0);
  for (const char* name : {"database", "anthropic", "vector", "cache"}) {
    CHECK(find_member(*find_member(body, "checks"), name) != nullptr);
  }
  world.health.report("anthropic", observe::HealthState::degraded, "slow", false);
  CHECK(string_member(parsed(world.ask("GET", "/api/health")), "status") == "degraded");
  CHECK(world.ask("GET", "/readyz").status == 200);
  world.health.report("database", observe::HealthState::failed, "the disk is full", true);
  CHECK(world.ask("GET", "/api/health").status == 503);
  CHECK(world.ask("GET", "/readyz").status == 503);
  CHECK(world.ask("GET", "/livez").status == 200);
  CHECK(world.ask("HEAD", "/api/hello").status == 200);
}

TEST_CASE("the page: its own strict policy, an ETag, and nothing beside its files") {
  World world;
  const auto page = world.ask("GET", "/");
  CHECK(page.status == 200);
  CHECK(page.headers.get("content-type") == "text/html; charset=utf-8");
  CHECK(page.headers.get("content-security-policy").contains("script-src 'self'"));
  CHECK_FALSE(page.headers.get("content-security-policy").contains("unsafe"));
  const std::string etag(page.headers.get("etag"));
  CHECK(world.ask("GET", "/", {{"if-none-match", "\"other\", W/" + etag}}).status == 304);
  CHECK(world.ask("GET", "/assets/none.js").status == 404);
  for (const EmbeddedFile& file : page_files()) CHECK(world.ask("GET", std::string(file.path)).status == 200);
}

TEST_CASE("metrics and the API's description") {
  World world;
  world.ask("GET", "/livez");
  const auto metrics = world.ask("GET", "/metrics");
  CHECK(metrics.headers.get("content-type").starts_with("text/plain; version=0.0.4"));
  CHECK(metrics.body.contains(
      "weir_http_requests_total{route=\"/livez\",method=\"GET\",status_class=\"2xx\"} 1"));
  const auto openapi = world.ask("GET", "/openapi.json", {{"accept-encoding", "br"}});
  CHECK(openapi.status == 200);
  CHECK(openapi.headers.get("content-encoding") == "br");
}

}  // namespace
}  // namespace weir::edge
