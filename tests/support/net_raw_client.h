// A blocking TCP client that says exactly the bytes it is given: for tests of the server.
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace weir::net::test {

class RawClient {
 public:
  // receive_buffer: what the kernel keeps for a client that does not read; 0: its own choice.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Reads once, into what read_response and read_to_end use. False at the end or after the timeout.
  bool fill(std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(timeout.count())) <= 0) return false;
    char piece[16 * 1024];
    const ssize_t size = ::recv(fd_, piece, sizeof piece, 0);
    if (size <= 0) {
      ended_ = true;
      return false;
    }
    received_.append(piece, static_cast<std::size_t>(size));
    return true;
  }

  std::string& received() { return received_; }  // and not yet taken
  bool ended() const { return ended_; }           // the peer has closed

  // Everything until the peer closes; what stands when it does not within the timeout.
  std::string read_to_end(std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    while (fill(timeout)) {
    }
    return std::exchange(received_, {});
  }

  // One response with a content-length (or without a body): head and body.
  std::string read_response(bool head_only = false) {
    std::size_t head = 0;
    while ((head = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return std::exchange(received_, {});
    }
    std::size_t size = head + 4;
    const std::size_t length = received_.find("content-length: ");
    if (!head_only && length < head) size += std::strtoul(received_.c_str() + length + 16, nullptr, 10);
    while (received_.size() < size) {
      if (!fill()) break;
    }
    std::string response = received_.substr(0, size);
    received_.erase(0, size);
    return response;
  }

  // True when the peer has closed or closes within the timeout.
  bool closed_within(std::chrono::milliseconds timeout) {
    while (!ended_ && fill(timeout)) {
    }
    return ended_;
  }

  void end_write() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
  bool connected_ = false;
  bool ended_ = false;
  std::string received_;
};

}  // namespace weir::net::test
