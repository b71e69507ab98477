#include "net/idle_reader.h"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/this_coro.hpp>

#include "net/notice.h"
#include "net/spawn.h"
#include "net/wake.h"

namespace weir::net {

// One coroutine reads for the life of the reader: a signal serves one task only.
struct IdleReader::State {
  std::unique_ptr<ClientResponse> response;
  boost::asio::cancellation_signal abort;
  std::optional<Wake> wanted;     // there once the reading coroutine is; set for each piece
  std::optional<Notice> arrived;  // there while a piece is being read
  std::optional<Result<std::string_view>> piece;
  bool abandoned = false;
};

IdleReader::IdleReader(std::unique_ptr<ClientResponse> response, observe::Log& log)
    : log_(log), state_(std::make_shared<State>()) {
  state_->response = std::move(response);
}

IdleReader::~IdleReader() {
  const auto state = state_;  // what ends below may be the last that holds it
  state->abandoned = true;
  if (state->arrived) {
    state->abort.emit(boost::asio::cancellation_type::terminal);
  } else {
    state->wanted.reset();  // and with it the coroutine, which waits there
  }
}

Task<> IdleReader::pump(std::shared_ptr<State> state) {
  while (!state->abandoned) {
    co_await state->wanted->wait();
    auto piece = co_await state->response->read();
    const bool last = !piece || piece->empty();
    state->piece = std::move(piece);
    state->arrived->teller()();
    if (last) co_return;
  }
}

Task<std::optional<Result<std::string_view>>> IdleReader::read_for(std::chrono::nanoseconds idle) {
  const auto state = state_;
  if (!state->arrived) {
    state->piece.reset();
    state->arrived = co_await Notice::here();
    if (!state->wanted) {
      const Executor executor = co_await boost::asio::this_coro::executor;
      state->wanted.emplace(executor);
      spawn(executor, log_, "reading of an idle stream", state->abort, [state] { return pump(state); });
    }
    state->wanted->set();
  }
  const bool told = co_await state->arrived->wait_for(idle);
  if (!told) co_return std::nullopt;
  state->arrived.reset();
  co_return std::move(state->piece);
}

}  // namespace weir::net
