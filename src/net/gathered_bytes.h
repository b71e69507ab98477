// net/gathered_bytes.h: pieces that lie apart and leave a socket in one system call.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::net {

class GatheredBytes {
 public:
  explicit GatheredBytes(std::string_view first, std::string_view second = {}, std::string_view third = {})
      : pieces_{piece(first), piece(second), piece(third)},
        left_(first.size() + second.size() + third.size()) {}

  enum class Sent : std::uint8_t {
    all,
    blocked,  // the kernel takes no more now: wait until the socket can be written, then send again
    failed,   // errno tells why
  };
  // What the kernel takes of what is left, without waiting.
  Sent send(int socket) {
    while (left_ > 0) {
      msghdr message{};
      message.msg_iov = pieces_.data();
      message.msg_iovlen = pieces_.size();
      const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) {
        advance(static_cast<std::size_t>(sent));
      } else if (errno != EINTR) {
        return errno == EAGAIN || errno == EWOULDBLOCK ? Sent::blocked : Sent::failed;
      }
    }
    return Sent::all;
  }

 private:
  static iovec piece(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

  void advance(std::size_t sent) {
    left_ -= sent;
    for (iovec& p : pieces_) {
      const std::size_t of_this = std::min(sent, p.iov_len);
      p.iov_base = static_cast<char*>(p.iov_base) + of_this;
      p.iov_len -= of_this;
      sent -= of_this;
    }
  }

  std::array<iovec, 3> pieces_;
  std::size_t left_;
};

}  // namespace weir::net
