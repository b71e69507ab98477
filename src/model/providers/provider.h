// model/providers/provider.h: one company or server that serves models: how a call becomes a request to
// it, and what its answers mean.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.h"
#include "model/answer_meter.h"
#include "model/call.h"
#include "model/dialects/dialect.h"
#include "net/http_client.h"

namespace weir::model {

enum class Verdict : std::uint8_t {
  ok,     // 2xx
  retry,  // the same request may succeed later
  final,  // it will not
};

// A call in a dialect that the provider speaks. Where caller and provider agree on one, `body` is the
// client's, byte for byte but for the model's name where a route replaces it; else it was translated.
struct OutboundCall {
  const UpstreamCall& call;  // method, headers, facts as the client sent them
  Dialect dialect;           // of `body`
  std::string_view target;   // path and query in that dialect: "/v1/messages?beta=true"
  std::string_view body;
  std::string_view model;  // what this provider calls it; the body says the same
  bool stream;
};

// Makes what turns an error body (status >= 400), with these fields, into the outbound call's dialect.
using MakeErrorTranslator = std::unique_ptr<ReplyTranslator> (*)(const net::Headers& answer);

// What goes out. Lives until the answer's head has come.
struct PreparedRequest {
  const net::Origin* origin = nullptr;  // lives as long as the provider
  net::ClientRequest request;           // its body views into the outbound call, or is set by `body`
  std::optional<std::string> body;      // replaces request.body: where a provider must rewrite it
  MakeMeter meter = nullptr;            // reads the bytes that the provider sends; null: meter_of(dialect)
  // From the bytes that the provider sends to the outbound call's dialect; null: they are of it. For
  // transports that wrap a dialect, such as Bedrock's event stream around Messages.
  std::unique_ptr<ReplyTranslator> translator;
  // Instead of `translator` for errors, for clouds whose errors alone are not of the dialect; null: none.
  MakeErrorTranslator error_translator = nullptr;
};

// Immutable but for what it caches for itself (tokens): any thread may ask.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string_view name() const = 0;       // as configured; in the ledger, metrics, health and logs
  virtual std::string_view system() const = 0;     // OpenTelemetry's gen_ai.provider.name: "aws.bedrock"
  virtual bool speaks(Dialect dialect) const = 0;  // takes such a body as it is
  virtual Dialect dialect() const = 0;             // what other calls are translated into
  // False: it has no such endpoint, though it speaks the dialect. `target` is path and query.
  virtual bool has_endpoint(std::string_view target) const { return target.starts_with('/'); }
  // What it calls the model that callers call `model`; that is what the ledger prices.
  virtual std::string model_id(std::string_view model) const { return std::string(model); }
  // Its prices are those of one geography, and no model's id says so.
  virtual bool regional_prices() const { return false; }
  // False for clouds whose streams are silent while the model thinks: Weir then sends the client pings.
  virtual bool sends_pings() const { return true; }
  // Asynchronous because credentials may have to be fetched first. Errors: unavailable (no credential to
  // be had), timed_out, upstream_failed, and invalid_request for what this provider cannot be asked.
  virtual Task<Result<PreparedRequest>> prepare(const OutboundCall& call) = 0;
  virtual Verdict classify(int status, const net::Headers& headers) const = 0;
  // Of an error that comes as an event inside a 200 answer.
  virtual Verdict classify_error(std::string_view error_type) const = 0;
  // The provider's own id of the request; empty: none.
  virtual std::string_view request_id(const net::Headers& headers) const = 0;
};

}  // namespace weir::model
