#include "edge/recording.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/routing/glob.h"

namespace weir::edge {
namespace {

// Of a connection, or decided anew by whoever replays.
bool is_of_the_connection(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames{
      "connection", "keep-alive",        "te",     "trailer",        "upgrade",
      "host",       "transfer-encoding", "expect", "content-length",
  };
  return std::ranges::find(kNames, name) != kNames.end();
}

net::Headers kept_fields(const net::Headers& headers, std::string_view but) {
  net::Headers kept = headers;
  kept.remove_if(
      [but](const net::Field& field) { return field.name == but || is_of_the_connection(field.name); });
  return kept;
}

bool any_fits(const std::vector<std::string>& globs, std::string_view text) {
  return globs.empty() || std::ranges::any_of(globs, [text](const std::string& glob) {
           return model::glob_matches(glob, text);
         });
}

}  // namespace

RecordedExchange::RecordedExchange(Exchange& exchange, const RecordingConfig& config,
                                   data::CassetteWriter& writer, const Clock& clock)
    : exchange_(exchange), config_(config), writer_(writer), clock_(clock), body_(*exchange.request.body) {
  cassette_.recorded_at = exchange.arrived;
  cassette_.request.method = exchange.request.method;
  cassette_.request.path = exchange.request.target;
  cassette_.request.headers = kept_fields(exchange.request.headers, "accept-encoding");
  exchange.request.body = this;
  exchange.out.listen(this);
}

RecordedExchange::~RecordedExchange() {
  exchange_.request.body = &body_;
  exchange_.out.listen(nullptr);
  if (!any_fits(config_.models, exchange_.model)) return;
  if (!ended_) {
    writer_.drop("client_gone");
  } else if (encoded_) {
    writer_.drop("encoded");
  } else if (size_ > config_.exchange_size_max) {
    writer_.drop("too_large");
  } else {
    writer_.write(std::move(cassette_));
  }
}

bool RecordedExchange::keep(std::size_t size) {
  size_ += size;
  return size_ <= config_.exchange_size_max;
}

Task<Result<std::string_view>> RecordedExchange::read() {
  auto piece = co_await body_.read();
  if (piece && keep(piece->size())) cassette_.request.body += *piece;
  co_return piece;
}

void RecordedExchange::on_head(int status, const net::Headers& headers) {
  data::CassetteResponse& response = cassette_.response;
  response.status = status;
  response.headers = kept_fields(headers, "date");
  response.is_stream = headers.get("content-type").starts_with("text/event-stream");
  const std::string_view encoding = headers.get("content-encoding");
  encoded_ = !encoding.empty() && !iequals(encoding, "identity");
}

void RecordedExchange::on_body(std::string_view bytes) {
  if (!keep(bytes.size())) return;
  cassette_.response.body += bytes;
  cassette_.response.chunks.push_back({.at = clock_.monotonic() - exchange_.started, .size = bytes.size()});
}

void RecordedExchange::on_end(AnswerEnd end) {
  ended_ = true;
  cassette_.response.cut = end == AnswerEnd::cut;
}

Recording::Recording(RecordingConfig config, data::CassetteWriter& writer, const Clock& clock, Random& random)
    : config_(std::move(config)), writer_(writer), clock_(clock), random_(random) {
  for (const std::string& text : config_.headers) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view glob = std::string_view(text).substr(std::min(colon + 1, text.size()));
    headers_.emplace_back(to_lower(trim(std::string_view(text).substr(0, colon))), trim(glob));
  }
}

std::unique_ptr<RecordedExchange> Recording::begin(Exchange& exchange) const {
  if (writer_.is_full() || !any_fits(config_.paths, exchange.path)) return nullptr;
  if (!config_.keys.empty() &&
      std::ranges::find(config_.keys, exchange.principal.key_id) == config_.keys.end())
    return nullptr;
  const bool fields_fit = std::ranges::all_of(headers_, [&exchange](const auto& wanted) {
    const auto value = exchange.request.headers.find(wanted.first);
    return value && model::glob_matches(wanted.second, *value);
  });
  if (!fields_fit) return nullptr;
  if (config_.one_in > 1 && random_.next_unit() * config_.one_in >= 1) return nullptr;
  return std::make_unique<RecordedExchange>(exchange, config_, writer_, clock_);
}

}  // namespace weir::edge
