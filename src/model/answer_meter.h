// model/answer_meter.h: what a meter tells of an answer that passes by it, whatever dialect it reads. It
// stands on the provider's side, before any translation, so that it counts what the provider said.
#pragma once

#include <cstdint>
#include <cstddef>
#include <limits>
#include <memory>
#include <string_view>

#include "data/ledger.h"
#include "model/dialects/dialect.h"
#include "model/message_report.h"
#include "net/headers.h"

namespace weir::model {

class AnswerMeter {
 public:
  virtual ~AnswerMeter() = default;
  // About how many tokens the request had, for an answer that begins and never tells.
  virtual void assume_prompt_tokens(std::int64_t tokens) = 0;
  virtual void feed(std::string_view bytes) = 0;
  virtual void finish() = 0;  // the body has ended; what it told is final when it was whole

  virtual const MessageReport& report() const = 0;
  // What has been used so far. Without the provider's final figure, output is at least what was reported
  // and at least an estimate from the bytes.
  virtual data::Usage usage() const = 0;
  virtual bool usage_estimated() const = 0;

  // A stream that this meter can read: the questions below have an answer, and its end is recognised.
  virtual bool is_stream() const = 0;
  virtual bool saw_event() const = 0;
  virtual bool saw_delta() const = 0;    // some of the answer itself has come
  virtual bool ended() const = 0;        // the stream has said its last word, or the document is whole
  // How many of the bytes so far belong to an event that has not ended; kOpenSizeUnknown: some.
  virtual std::size_t open_size() const = 0;
  bool at_boundary() const { return open_size() == 0; }  // the bytes so far end between two events

  static constexpr std::size_t kOpenSizeUnknown = std::numeric_limits<std::size_t>::max();
};

// The meter for an answer with these fields.
using MakeMeter = std::unique_ptr<AnswerMeter> (*)(const net::Headers& answer);

// For answers in that dialect as its own API sends them. Of Dialect::opaque only the bytes are counted.
MakeMeter meter_of(Dialect dialect);
// Counts bytes only.
std::unique_ptr<AnswerMeter> make_opaque_meter();

enum class MeterKind : std::uint8_t {
  event_stream,  // server-sent events
  frames,        // Amazon's event stream
  json,          // a document in one piece
  opaque,        // encoded, or of a type that meters do not read
};

bool is_event_stream(const net::Headers& headers);
MeterKind meter_kind(const net::Headers& headers);

}  // namespace weir::model
