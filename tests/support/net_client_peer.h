// net_client_peer.h: a provider played by plain blocking sockets, one thread for each connection.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/text.h"

namespace weir::net::testing {

// Listens on 127.0.0.1 and plays `script` for each connection; the socket is closed when it returns.
class Peer {
 public:
  using Script = std::function<void(int index, int fd)>;

  explicit Peer(Script script) : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    WEIR_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    WEIR_ASSERT(::listen(listener_, 16) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~Peer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : sockets_) ::shutdown(fd, SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
    for (const int fd : sockets_) ::close(fd);
    ::close(listener_);
  }

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void accept_all() {
    while (true) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      const int index = connections_++;
      const std::lock_guard lock(mutex_);
      sockets_.push_back(fd);
      threads_.emplace_back([this, index, fd] {
        script_(index, fd);
        ::shutdown(fd, SHUT_RDWR);
      });
    }
  }

  const Script script_;
  const int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

inline void send_text(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// One request with its content-length body; empty when the client has closed the connection.
inline std::string read_request(int fd) {
  std::string text;
  while (true) {
    const std::size_t head_end = text.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      const std::size_t at = text.find("content-length: ");
      std::size_t body_size = 0;
      if (at < head_end) body_size = static_cast<std::size_t>(std::stoul(text.substr(at + 16)));
      if (text.size() >= head_end + 4 + body_size) return text;
    }
    char bytes[4096];
    const auto received = ::recv(fd, bytes, sizeof bytes, 0);
    if (received <= 0) return {};
    text.append(bytes, static_cast<std::size_t>(received));
  }
}

// Waits until the client closes or resets the connection; false when it has not after 5 s.
inline bool wait_until_closed(int fd) {
  const timeval limit{5, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  char bytes[4096];
  while (true) {
    const auto received = ::recv(fd, bytes, sizeof bytes, 0);
    if (received > 0) continue;
    return received == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }
}

}  // namespace weir::net::testing
