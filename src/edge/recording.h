// edge/recording.h: chosen exchanges of a server that runs, kept as cassettes ([record]): what the client
// asked, and what it was told, in its own dialect, as `weir upstream --replay` serves it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "data/cassettes/writer.h"
#include "edge/exchange.h"
#include "edge/outlet.h"
#include "edge/recording_config.h"
#include "net/http.h"

namespace weir::edge {

// Listens to one exchange. What it hears goes to the writer when it is destroyed: whole, or cut where the
// provider broke off. An exchange whose client left, and what cannot be kept, is dropped and counted.
class RecordedExchange final : public net::BodyReader, public AnswerListener {
 public:
  RecordedExchange(Exchange& exchange, const RecordingConfig& config, data::CassetteWriter& writer,
                   const Clock& clock);
  ~RecordedExchange() override;
  RecordedExchange(const RecordedExchange&) = delete;
  RecordedExchange& operator=(const RecordedExchange&) = delete;

  Task<Result<std::string_view>> read() override;
  void interrupt() override { body_.interrupt(); }
  void on_head(int status, const net::Headers& headers) override;
  void on_body(std::string_view bytes) override;
  void on_end(AnswerEnd end) override;

 private:
  bool keep(std::size_t size);

  Exchange& exchange_;
  const RecordingConfig& config_;
  data::CassetteWriter& writer_;
  const Clock& clock_;
  net::BodyReader& body_;
  data::Cassette cassette_;
  std::size_t size_ = 0;
  bool encoded_ = false;
  bool ended_ = false;
};

// Safe to ask from every loop.
class Recording {
 public:
  // `writer` outlives it.
  Recording(RecordingConfig config, data::CassetteWriter& writer, const Clock& clock, Random& random);
  // After admission, before the handler. Null: not chosen. It ends before the exchange.
  std::unique_ptr<RecordedExchange> begin(Exchange& exchange) const;

 private:
  const RecordingConfig config_;
  std::vector<std::pair<std::string, std::string>> headers_;  // name in lower case, glob
  data::CassetteWriter& writer_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace weir::edge
