#include "net/client/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "base/ip.h"

namespace weir::net {
namespace {

// A BIO over Asio's socket, because OpenSSL's own raises SIGPIPE, and because a socket that a deadline
// has closed must not be confused with a later one of the same number.
TcpSocket& socket_of(BIO* bio) {
  return *static_cast<TcpSocket*>(::BIO_get_data(bio));
}

int finish_transfer(BIO* bio, ssize_t size, int retry_flag) {
  ::BIO_clear_retry_flags(bio);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
    ::BIO_set_flags(bio, retry_flag | BIO_FLAGS_SHOULD_RETRY);
  }
  return static_cast<int>(size);
}

int bio_write(BIO* bio, const char* bytes, int size) {
  const auto sent =
      ::send(socket_of(bio).native_handle(), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  return finish_transfer(bio, sent, BIO_FLAGS_WRITE);
}

int bio_read(BIO* bio, char* target, int size) {
  const auto received = ::recv(socket_of(bio).native_handle(), target, static_cast<std::size_t>(size), 0);
  if (received == 0) ::BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return finish_transfer(bio, received, BIO_FLAGS_READ);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return ::BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// OpenSSL hands each session ticket over as it arrives; the newest one is kept.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  static_cast<SslSessionPtr*>(SSL_get_app_data(ssl))->reset(session);
  return 1;
}

std::string last_openssl_error() {
  const unsigned long code = ::ERR_get_error();
  ::ERR_clear_error();
  const char* const reason = code != 0 ? ::ERR_reason_error_string(code) : nullptr;
  return reason != nullptr ? reason : "the connection was closed";
}

}  // namespace

Result<> TlsContext::load() {
  std::call_once(once_, [this] {
    outcome_ = build();
    loaded_ = outcome_.has_value();
  });
  return outcome_;
}

Result<> TlsContext::build() {
  bio_method_.reset(::BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weir socket"));
  WEIR_ASSERT(bio_method_ != nullptr);
  ::BIO_meth_set_write(bio_method_.get(), bio_write);
  ::BIO_meth_set_read(bio_method_.get(), bio_read);
  ::BIO_meth_set_ctrl(bio_method_.get(), bio_control);

  context_.reset(::SSL_CTX_new(::TLS_client_method()));
  WEIR_ASSERT(context_ != nullptr);
  SSL_CTX* const context = context_.get();
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  ::SSL_CTX_sess_set_new_cb(context, keep_session);
  std::string_view protocols = "\x02h2\x08http/1.1";  // RFC 7301 §3.1: each with its length before it
  if (!http2_) protocols.remove_prefix(3);
  ::SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(protocols.data()),
                            protocols.size());

  const bool trusted = ca_file_.empty()
                           ? ::SSL_CTX_set_default_verify_paths(context) == 1
                           : ::SSL_CTX_load_verify_locations(context, ca_file_.c_str(), nullptr) == 1;
  if (trusted) return {};
  return fail(Code::upstream_failed,
              "cannot read the trusted certificates " + ca_file_ + ": " + last_openssl_error(),
              "ca_file must name a readable PEM file");
}

TlsStream::TlsStream(TlsContext& context, const std::string& host, TcpSocket& socket, SslSessionPtr& session)
    : ssl_(::SSL_new(context.context_.get())) {
  WEIR_ASSERT(ssl_ != nullptr);
  SSL* const ssl = ssl_.get();
  BIO* const bio = ::BIO_new(context.bio_method_.get());
  WEIR_ASSERT(bio != nullptr);
  ::BIO_set_data(bio, &socket);
  ::BIO_set_init(bio, 1);
  ::SSL_set_bio(ssl, bio, bio);
  ::SSL_set_read_ahead(ssl, 1);
  SSL_set_app_data(ssl, &session);
  // RFC 9110 §4.3.4: the certificate names the host. An address is no server name (RFC 6066 §3).
  if (IpAddress::parse(host)) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str());
  } else {
    ::SSL_set1_host(ssl, host.c_str());
    SSL_set_tlsext_host_name(ssl, host.c_str());
  }
  if (session) ::SSL_set_session(ssl, session.get());
  ::SSL_set_connect_state(ssl);
}

// The socket closes without a close_notify of ours, which nobody would read. OpenSSL must not know:
// it would mark the session as one that cannot be resumed.
TlsStream::~TlsStream() {
  ::SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

TlsStream::Step TlsStream::handshake() {
  ::ERR_clear_error();
  return outcome(::SSL_do_handshake(ssl_.get()), 0);
}

TlsStream::Step TlsStream::read(std::span<char> target) {
  ::ERR_clear_error();
  std::size_t size = 0;
  const int result = ::SSL_read_ex(ssl_.get(), target.data(), target.size(), &size);
  return outcome(result, size);
}

TlsStream::Step TlsStream::write(std::string_view bytes) {
  ::ERR_clear_error();
  std::size_t size = 0;
  const int result = ::SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &size);
  return outcome(result, size);
}

bool TlsStream::quiet() {
  ::ERR_clear_error();
  char byte = 0;
  std::size_t size = 0;
  const int result = ::SSL_peek_ex(ssl_.get(), &byte, 1, &size);
  return outcome(result, size).want == Want::read;
}

std::string_view TlsStream::alpn() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  ::SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

TlsStream::Step TlsStream::outcome(int result, std::size_t size) {
  if (result > 0) return {Want::nothing, size};
  switch (::SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {Want::read};
    case SSL_ERROR_WANT_WRITE: return {Want::write};
    case SSL_ERROR_ZERO_RETURN: return {Want::end};
    default: break;
  }
  const long verified = ::SSL_get_verify_result(ssl_.get());
  problem_ = verified == X509_V_OK ? last_openssl_error()
                                   : std::string("the certificate is not trusted: ") +
                                         ::X509_verify_cert_error_string(verified);
  ::ERR_clear_error();
  return {Want::failed};
}

}  // namespace weir::net
