#include "net/probe/peer.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <ctime>
#include <memory>

#include "net/client/tls.h"

namespace weir::net {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

using AddressesPtr = std::unique_ptr<addrinfo, OpenSslFree<&::freeaddrinfo>>;
using CertificatePtr = std::unique_ptr<X509, OpenSslFree<&::X509_free>>;

void limit_waits(int fd, std::chrono::milliseconds limit) {
  const timeval time{.tv_sec = limit.count() / 1000, .tv_usec = (limit.count() % 1000) * 1000};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);  // Linux: of connect as well
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Result<Descriptor> connect_to(const Origin& origin, std::chrono::milliseconds limit) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(origin.port);
  if (const int error = ::getaddrinfo(origin.host.c_str(), port.c_str(), &hints, &found); error != 0)
    return fail(Code::upstream_failed, origin.host + " has no address: " + ::gai_strerror(error));
  const AddressesPtr addresses(found);
  int last_error = 0;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    Descriptor socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.get() < 0) continue;
    limit_waits(socket.get(), limit);
    if (::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) return socket;
    last_error = errno;
  }
  if (last_error == EINPROGRESS || last_error == EAGAIN || last_error == ETIMEDOUT)
    return fail(Code::timed_out, origin.to_string() + " takes no connection in time");
  return fail(Code::upstream_failed, origin.to_string() + ": " + std::strerror(last_error));
}

std::string tls_problem() {
  std::array<char, 256> text{};
  const unsigned long error = ::ERR_get_error();
  if (error == 0) return "the connection ended in the handshake";
  ::ERR_error_string_n(error, text.data(), text.size());
  ::ERR_clear_error();
  return text.data();
}

SslContextPtr context_for(TlsOffer offer, const std::string& ca_file) {
  SslContextPtr context(::SSL_CTX_new(::TLS_client_method()));
  ::SSL_CTX_set_default_verify_paths(context.get());
  if (!ca_file.empty()) ::SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr);
  ::ERR_clear_error();
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);  // looked at afterwards, not refused
  if (offer == TlsOffer::outdated) {
    ::SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    ::SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
    ::SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  } else {
    ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  }
  return context;
}

Result<SslPtr> shake_hands(SSL_CTX& context, const Origin& origin, int fd) {
  SslPtr ssl(::SSL_new(&context));
  constexpr std::string_view kAlpn = "\x08http/1.1";
  ::SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(kAlpn.data()), kAlpn.size());
  if (IpAddress::parse(origin.host)) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl.get()), origin.host.c_str());
  } else {
    ::SSL_set_tlsext_host_name(ssl.get(), origin.host.c_str());
    ::SSL_set1_host(ssl.get(), origin.host.c_str());
  }
  ::SSL_set_fd(ssl.get(), fd);
  if (::SSL_connect(ssl.get()) != 1) return fail(Code::upstream_failed, tls_problem());
  return ssl;
}

WallTime expiry_of(const X509& certificate) {
  std::tm broken_down{};
  if (::ASN1_TIME_to_tm(::X509_get0_notAfter(&certificate), &broken_down) != 1) return {};
  return std::chrono::seconds(::timegm(&broken_down));
}

bool write_all(int fd, SSL* ssl, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ssl != nullptr ? ::SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()))
                                  : ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Result<TlsFacts> Peer::look_at_tls(TlsOffer offer) const {
  auto socket = connect_to(origin_, limit_);
  if (!socket) return fail(socket.error());
  const SslContextPtr context = context_for(offer, ca_file_);
  auto ssl = shake_hands(*context, origin_, socket->get());
  if (!ssl) return fail(ssl.error());
  TlsFacts facts{.version = ::SSL_get_version(ssl->get())};
  if (const long result = ::SSL_get_verify_result(ssl->get()); result != X509_V_OK)
    facts.untrusted = ::X509_verify_cert_error_string(result);
  const CertificatePtr certificate(::SSL_get1_peer_certificate(ssl->get()));
  if (certificate != nullptr) facts.expires = expiry_of(*certificate);
  return facts;
}

Result<std::string> Peer::exchange(std::string_view bytes) const {
  auto socket = connect_to(origin_, limit_);
  if (!socket) return fail(socket.error());
  SslContextPtr context;
  SslPtr ssl;
  if (origin_.tls) {
    context = context_for(TlsOffer::modern, ca_file_);
    auto shaken = shake_hands(*context, origin_, socket->get());
    if (!shaken) return fail(shaken.error());
    ssl = *std::move(shaken);
  }
  if (!write_all(socket->get(), ssl.get(), bytes))
    return fail(Code::upstream_failed, "the connection ended while the request was sent");
  std::string answer;
  std::array<char, 4096> piece{};
  while (answer.size() < kAnswerMax) {
    const auto n = ssl ? ::SSL_read(ssl.get(), piece.data(), piece.size())
                       : ::recv(socket->get(), piece.data(), piece.size(), 0);
    if (n <= 0) break;
    answer.append(piece.data(), static_cast<std::size_t>(n));
  }
  ::ERR_clear_error();
  return answer;
}

Result<std::chrono::nanoseconds> Peer::connect_time(const Clock& clock) const {
  const Monotonic begun = clock.monotonic();
  const auto socket = connect_to(origin_, limit_);
  if (!socket) return fail(socket.error());
  return clock.monotonic() - begun;
}

}  // namespace weir::net
