#include "edge/api/chat_stream.h"

#include "edge/api/chat_answer.h"
#include "edge/api/event_stream.h"
#include "edge/error_response.h"
#include "net/sse/sse.h"

namespace weir::edge {
namespace {

// Events `sources`, `text` {"delta"}, `citation`, and at the end `done` with the object that an
// unstreamed answer would have been, or `error`.
class NamedEvents final : public ChatStream {
 public:
  NamedEvents(std::string request_id, const Clock& clock, FrameSink& frames)
      : request_id_(std::move(request_id)), clock_(clock), frames_(frames) {}

  Task<Result<>> on_sources(const std::vector<app::Source>& sources) override {
    return send("sources", to_json(json::object{{"sources", sources_json(sources)}}));
  }
  Task<Result<>> on_text(std::string_view delta) override {
    std::string data = "{\"delta\":";
    append_json_string(data, delta);
    data += '}';
    return send("text", data);
  }
  Task<Result<>> on_citation(const app::Citation& citation) override {
    return send("citation", to_json(citation_json(citation)));
  }
  Task<Result<>> on_done(const app::ChatAnswer& answer) override {
    return send("done", to_json(answer_json(answer, request_id_, clock_.wall())));
  }
  Task<Result<>> on_failure(const Error& error) override {
    return send("error", error_body(error, ApiShape::weir, request_id_));
  }
  bool started() const override { return frames_.started(); }

 private:
  Task<Result<>> send(std::string_view event, std::string_view data) {
    std::string frame;
    net::append_sse(frame, event, data);
    return frames_.send(std::move(frame));
  }

  const std::string request_id_;
  const Clock& clock_;
  FrameSink& frames_;
};

// The AI SDK's UI message stream, version 1: an unknown type fails the client's stream, so only types
// that every major version knows, and Weir's own under data-weir-*.
class UiMessageStream final : public ChatStream {
 public:
  UiMessageStream(std::string request_id, FrameSink& frames)
      : request_id_(std::move(request_id)), frames_(frames) {}

  Task<Result<>> on_sources(const std::vector<app::Source>& sources) override {
    std::string frames;
    for (const app::Source& source : sources) append(frames, source_part(source));
    return send(std::move(frames));
  }

  Task<Result<>> on_text(std::string_view delta) override {
    std::string frames = open_text();
    append(frames, {{"type", "text-delta"}, {"id", kTextId}, {"delta", delta}});
    return send(std::move(frames));
  }

  Task<Result<>> on_citation(const app::Citation& citation) override {
    std::string frames;
    append(frames, {{"type", "data-weir-citation"}, {"data", citation_json(citation)}});
    return send(std::move(frames));
  }

  Task<Result<>> on_done(const app::ChatAnswer& answer) override {
    std::string frames = close_text();
    json::object metadata{{"kind", app::to_string(answer.kind)}, {"request_id", request_id_}};
    if (!answer.model.empty()) metadata["model"] = answer.model;
    if (answer.usage) metadata["usage"] = usage_json(*answer.usage);
    if (!answer.fallback_reason.empty()) metadata["fallback_reason"] = answer.fallback_reason;
    append(frames, {{"type", "finish-step"}});
    append(frames, {{"type", "finish"},
                    {"finishReason", finish_reason(answer.stop_reason)},
                    {"messageMetadata", std::move(metadata)}});
    return send(frames + "data: [DONE]\n\n");
  }

  Task<Result<>> on_failure(const Error& error) override {
    std::string frames = close_text();
    append(frames, {{"type", "error"}, {"errorText", error.message}});
    return send(frames + "data: [DONE]\n\n");
  }

  bool started() const override { return frames_.started(); }

 private:
  static constexpr std::string_view kTextId = "text-1";

  // The first frames begin the message.
  Task<Result<>> send(std::string frames) {
    if (!started()) {
      std::string opening;
      append(opening, {{"type", "start"}, {"messageId", request_id_}});
      append(opening, {{"type", "start-step"}});
      frames.insert(0, opening);
    }
    return frames_.send(std::move(frames));
  }

  static void append(std::string& frames, json::object part) { net::append_sse(frames, {}, to_json(part)); }

  static json::object source_part(const app::Source& source) {
    const std::string id = "source-" + std::to_string(source.number);
    const std::string title = source.heading.empty() ? source.title : source.title + " › " + source.heading;
    // What a page needs to open the passage: GET /api/documents/{document_id}, from begin to end.
    json::object place{{"document_id", source.document_id},
                       {"number", source.number},
                       {"begin", source.begin},
                       {"end", source.end}};
    json::object part{{"type", "source-document"}, {"sourceId", id}, {"title", title}};
    if (source.source.starts_with("https://") || source.source.starts_with("http://")) {
      part["type"] = "source-url";
      part["url"] = source.source;
    } else {
      part["mediaType"] = "text/plain";
      if (!source.source.empty()) part["filename"] = source.source;
    }
    part["providerMetadata"] = json::object{{"weir", std::move(place)}};
    return part;
  }

  static std::string_view finish_reason(std::string_view stop_reason) {
    if (stop_reason == "max_tokens") return "length";
    if (stop_reason == "refusal") return "content-filter";
    return "stop";
  }

  std::string open_text() {
    std::string frames;
    if (!text_open_) append(frames, {{"type", "text-start"}, {"id", kTextId}});
    text_open_ = true;
    return frames;
  }
  std::string close_text() {
    std::string frames;
    if (text_open_) append(frames, {{"type", "text-end"}, {"id", kTextId}});
    text_open_ = false;
    return frames;
  }

  const std::string request_id_;
  FrameSink& frames_;
  bool text_open_ = false;
};

}  // namespace

std::unique_ptr<ChatStream> make_chat_stream(ChatReply reply, std::string request_id, const Clock& clock,
                                             FrameSink& frames) {
  if (reply == ChatReply::ui_stream) return std::make_unique<UiMessageStream>(std::move(request_id), frames);
  return std::make_unique<NamedEvents>(std::move(request_id), clock, frames);
}

net::Headers chat_stream_fields(ChatReply reply) {
  net::Headers fields{{"content-type", "text/event-stream; charset=utf-8"}};
  add_stream_fields(fields);
  if (reply == ChatReply::ui_stream) fields.add("x-vercel-ai-ui-message-stream", "v1");
  return fields;
}

}  // namespace weir::edge
