#include "net/probe/port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir::net {
namespace {

Error listen_error(int error) {
  const std::string text = std::strerror(error);
  if (error == EADDRINUSE) return {Code::conflict, "somebody listens there already"};
  if (error == EACCES) return {Code::permission_denied, "ports below 1024 are for privileged processes"};
  if (error == EADDRNOTAVAIL) return {Code::invalid_request, "this machine has no such address"};
  return {Code::internal, text};
}

}  // namespace

Result<> try_listen(const std::string& address, std::uint16_t port) {
  sockaddr_storage where{};
  socklen_t size = 0;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&where);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&where);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    size = sizeof *v4;
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    size = sizeof *v6;
  } else {
    return fail(Code::invalid_request, address + " is no numeric address");
  }
  const int socket = ::socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return fail(listen_error(errno));
  const int on = 1;  // what waits for the kernel's last packets is not in use
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool listens =
      ::bind(socket, reinterpret_cast<const sockaddr*>(&where), size) == 0 && ::listen(socket, 1) == 0;
  const int error = errno;
  ::close(socket);
  if (!listens) return fail(listen_error(error));
  return {};
}

}  // namespace weir::net
