#include "net/idle_reader.h"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/this_coro.hpp>

#include "net/notice.h"
#include "net/spawn.h"

namespace weir::net {

struct IdleReader::State {
  std::unique_ptr<ClientResponse> response;
  boost::asio::cancellation_signal abort;
  std::optional<Notice> arrived;  // there while a read is under way
  std::optional<Result<std::string_view>> piece;
  bool abandoned = false;
};

IdleReader::IdleReader(std::unique_ptr<ClientResponse> response, observe::Log& log)
    : log_(log), state_(std::make_shared<State>()) {
  state_->response = std::move(response);
}

IdleReader::~IdleReader() {
  state_->abandoned = true;
  const auto state = state_;  // the abort may end the read, and it the state
  state->abort.emit(boost::asio::cancellation_type::terminal);
}

Task<> IdleReader::pump(std::shared_ptr<State> state) {
  if (state->abandoned) co_return;
  auto piece = co_await state->response->read();
  state->piece = std::move(piece);
  if (state->arrived) state->arrived->teller()();
}

Task<std::optional<Result<std::string_view>>> IdleReader::read_for(std::chrono::nanoseconds idle) {
  const auto state = state_;
  if (!state->arrived) {
    state->piece.reset();
    state->arrived = co_await Notice::here();
    const Executor executor = co_await boost::asio::this_coro::executor;
    spawn(executor, log_, "read of an idle stream", state->abort, [state] { return pump(state); });
  }
  const bool told = co_await state->arrived->wait_for(idle);
  if (!told) co_return std::nullopt;
  state->arrived.reset();
  co_return std::move(state->piece);
}

}  // namespace weir::net
