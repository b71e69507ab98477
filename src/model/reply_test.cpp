#include "model/reply.h"

#include <doctest/doctest.h>

#include "model/dialects/translations.h"
#include "model_world.h"

namespace weir::model {
namespace {

using namespace fakes;
using std::chrono::milliseconds;

// Puts every piece in brackets, and says how it ended.
class Brackets final : public ReplyTranslator {
 public:
  explicit Brackets(std::string open = "[") : open_(std::move(open)) {}
  Result<std::string> whole(std::string_view body) override {
    if (body == "nonsense") return fail(Code::upstream_failed, "not what the dialect says");
    return open_ + std::string(body) + "]";
  }
  Result<> feed(std::string_view bytes, std::string& out) override {
    if (bytes.find("nonsense") != std::string_view::npos)
      return fail(Code::upstream_failed, "not what the dialect says");
    if (bytes != "silent" && !bytes.empty()) out += open_ + std::string(bytes) + "]";
    return {};
  }
  void finish(std::string& out) override { out += "end"; }
  std::string error(int status, std::string_view body) override {
    return open_ + std::to_string(status) + " " + std::string(body) + "]";
  }

 private:
  std::string open_;
};

struct Bench : World {
  Accounts accounts{prices, sink, log, metrics};
  ProviderCounters counters{"p", metrics};
  UpstreamCall its_call = World::call();
  ReplySettings settings;

  std::unique_ptr<MeteredReply> reply(Answer answer, std::unique_ptr<ReplyTranslator> translator,
                                      Dialect provider = Dialect::messages) {
    auto record = std::make_unique<CallRecord>(accounts, clock, its_call);
    record->begin_try("p", "m", counters);
    OpenedAnswer opened;
    opened.response = std::make_unique<Response>(std::move(answer), client.open, client.idle_limits);
    record->answered(opened.response->status(), "req_1", meter_of(provider)(opened.response->headers()));
    opened.translator = std::move(translator);
    settings.deadline = clock.monotonic() + std::chrono::hours(1);
    settings.log = &log;
    return std::make_unique<MeteredReply>(std::move(opened), std::move(record), clock, settings);
  }

  static Task<Read> read_all_of(UpstreamReply& reply) {
    Read read;
    read.status = reply.status();
    read.headers = reply.headers();
    while (true) {
      auto piece = co_await reply.read();
      if (!piece) read.body_error = std::move(piece.error());
      if (!piece || piece->empty()) co_return read;
      read.body += *piece;
    }
  }

  Read read(Answer answer, std::unique_ptr<ReplyTranslator> translator,
            Dialect provider = Dialect::messages) {
    const auto made = reply(std::move(answer), std::move(translator), provider);
    return fakes::run(context, read_all_of(*made));
  }
};

}  // namespace

TEST_CASE("reply: a stream is metered as the provider sent it and handed on as the caller reads it") {
  Bench b;
  b.settings.dialect = Dialect::chat_completions;
  const Read read = b.read(stream({kStart, "silent", kDelta, kEnd}), std::make_unique<Brackets>());
  CHECK(read.body == "[" + kStart + "][" + kDelta + "][" + kEnd + "]end");
  CHECK(read.headers.get("content-type") == "text/event-stream; charset=utf-8");
  REQUIRE(b.sink.rows.size() == 1);
  CHECK(b.sink.rows[0].usage.output_tokens == 7);
  CHECK(b.sink.rows[0].error_type.empty());
}

TEST_CASE(
    "reply: a translated stream that breaks off, or cannot be read, is closed by its translator and told") {
  for (const auto& [answer, body] :
       {std::pair{stream({kStart, kDelta}, Answer::End::broken), "[" + kStart + "][" + kDelta + "]end"},
        std::pair{stream({kStart, kDelta}), "[" + kStart + "][" + kDelta + "]end"},
        std::pair{stream({kStart, "nonsense", kEnd}), "[" + kStart + "]end"}}) {
    Bench b;
    const Read read = b.read(answer, std::make_unique<Brackets>());
    CHECK(read.body == body);
    CHECK_FALSE(read.body_error);
    CHECK(b.sink.rows.at(0).error_type == "upstream_failed");
  }
}

TEST_CASE("reply: documents and errors are translated whole") {
  Bench b;
  const Read read =
      b.read(json(200, R"({"usage":{"input_tokens":5,"output_tokens":2}})"), std::make_unique<Brackets>());
  CHECK(read.body == R"([{"usage":{"input_tokens":5,"output_tokens":2}}])");
  CHECK(b.sink.rows.at(0).usage.input_tokens == 5);
  const Read error = b.read(json(429, "slow down"), std::make_unique<Brackets>());
  CHECK(error.status == 429);
  CHECK(error.body == "[429 slow down]");
  CHECK(b.sink.rows.at(1).error_type == "status_429");
  CHECK(b.read(json(200, "nonsense"), std::make_unique<Brackets>()).body_error->code ==
        Code::upstream_failed);
  b.settings.whole_size_max = 10;
  CHECK(b.read(json(200, std::string(11, 'a')), std::make_unique<Brackets>()).body_error->code ==
        Code::upstream_failed);
  CHECK(b.client.open == 0);
}

TEST_CASE("reply: a cut stream of OpenAI's dialects ends in an error that its SDKs raise") {
  const std::string chunk = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
  Bench b;
  b.settings.dialect = Dialect::chat_completions;
  const Read chat =
      b.read(stream({chunk, chunk.substr(0, 20)}, Answer::End::broken), nullptr, Dialect::chat_completions);
  // The chunk that was cut is not given: half of one could not be told from a whole one.
  CHECK(chat.body.starts_with(chunk + "data: {\"error\":{\"message\":\"The provider's stream ended"));
  CHECK(chat.body.ends_with("}}\n\n"));
  b.settings.dialect = Dialect::responses;
  const Read responses =
      b.read(stream({"event: response.created\ndata: {\"type\":\"response.created\"}\n\n"}), nullptr,
             Dialect::responses);
  CHECK(responses.body.find("event: error\ndata: {\"type\":\"error\",") != std::string::npos);
  CHECK(b.read(stream({chunk, "data: [DONE]\n\n"}), nullptr, Dialect::chat_completions).body ==
        chunk + "data: [DONE]\n\n");
}

TEST_CASE("reply: a client is kept awake while its provider is silent, between events only") {
  Bench b;
  b.settings.ping_interval = milliseconds(3);
  const auto made = b.reply(stream({kStart, kDelta.substr(0, 30)}, Answer::End::silent), nullptr);
  const auto first_pieces = [](UpstreamReply& reply) -> Task<std::string> {
    auto piece = co_await reply.read();
    co_return std::string(*piece);
  };
  CHECK(fakes::run(b.context, first_pieces(*made)) == kStart);
  const auto silent = b.reply(stream({}, Answer::End::silent), std::make_unique<Brackets>());
  const std::string ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
  CHECK(fakes::run(b.context, first_pieces(*silent)) == ping);
  CHECK(fakes::run(b.context, first_pieces(*silent)) == ping);
}

TEST_CASE("reply: hanging up on a silent provider aborts it at once, pings or not") {
  for (const int interval_ms : {0, 1}) {
    Bench b;
    b.settings.ping_interval = milliseconds(interval_ms);
    auto made = b.reply(stream({kStart}, Answer::End::silent), nullptr);
    boost::asio::cancellation_signal signal;
    bool ended = false;
    boost::asio::co_spawn(b.context.get_executor(), Bench::read_all_of(*made),
                          boost::asio::bind_cancellation_slot(
                              signal.slot(), [&](const std::exception_ptr&, const Read&) { ended = true; }));
    b.context.run_for(milliseconds(10));
    signal.emit(boost::asio::cancellation_type::terminal);
    b.context.run_for(milliseconds(10));
    CHECK(ended);
    made.reset();
    b.context.restart();
    b.context.run_for(milliseconds(10));
    CHECK(b.client.open == 0);
    CHECK(b.sink.rows.at(0).error_type == "client_gone");
  }
}

TEST_CASE("translations: a line, or two by way of Messages, and nothing else") {
  static const auto request = [](std::string_view body,
                                 const RequestOptions& options) -> Result<TranslatedRequest> {
    return TranslatedRequest{.body = options.model + "(" + std::string(body) + ")", .left_out = {"x"}};
  };
  static const auto reply = [](ReplyOptions options) -> std::unique_ptr<ReplyTranslator> {
    return std::make_unique<Brackets>(options.model + "[");
  };
  const std::array<Translation, 2> table{
      Translation{Dialect::chat_completions, Dialect::messages, request, reply},
      Translation{Dialect::messages, Dialect::bedrock_invoke, request, reply}};
  CHECK(find_translation(Dialect::chat_completions, Dialect::messages, table));
  CHECK_FALSE(find_translation(Dialect::responses, Dialect::messages, table));
  const auto path = find_translation(Dialect::chat_completions, Dialect::bedrock_invoke, table);
  REQUIRE(path);
  RequestOptions options;
  options.model = "m";
  const auto translated = path->request("b", options);
  REQUIRE(translated);
  CHECK(translated->body == "m(m(b))");
  CHECK(translated->left_out.size() == 2);
  ReplyOptions reply_options;
  reply_options.model = "r";
  const auto back = path->reply(reply_options);
  CHECK(*back->whole("w") == "r[r[w]]");
  CHECK(back->error(400, "e") == "r[400 r[400 e]]");
  std::string out;
  CHECK(back->feed("f", out));
  back->finish(out);
  CHECK(out == "r[r[f]]r[end]end");
}

}  // namespace weir::model
