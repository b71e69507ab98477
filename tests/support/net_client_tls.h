// net_client_tls.h: a certificate made on the spot, and the server side of TLS on a blocking socket.
#pragma once

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weir::net::testing {

// A self-signed certificate for `alternative_name` ("DNS:localhost", "IP:127.0.0.1"), and the server
// that shows it. `certificate_file` is for the client to trust.
class TlsServer {
 public:
  TlsServer(const std::string& alternative_name, const std::string& certificate_file)
      : key_(::EVP_EC_gen("P-256")), certificate_(::X509_new()), context_(::SSL_CTX_new(::TLS_server_method())) {
    ::X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(::X509_get_serialNumber(certificate_), 1);
    ::X509_gmtime_adj(X509_getm_notBefore(certificate_), -60);
    ::X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    ::X509_set_pubkey(certificate_, key_);
    X509_NAME* const name = ::X509_get_subject_name(certificate_);
    ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("weir test"), -1, -1, 0);
    ::X509_set_issuer_name(certificate_, name);
    X509_EXTENSION* const extension = ::X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative_name.c_str());
    ::X509_add_ext(certificate_, extension, -1);
    ::X509_EXTENSION_free(extension);
    WEIR_ASSERT(::X509_sign(certificate_, key_, ::EVP_sha256()) > 0);
    std::FILE* const file = std::fopen(certificate_file.c_str(), "w");
    WEIR_ASSERT(file != nullptr && ::PEM_write_X509(file, certificate_) == 1);
    std::fclose(file);
    ::SSL_CTX_use_certificate(context_, certificate_);
    ::SSL_CTX_use_PrivateKey(context_, key_);
    constexpr unsigned char id[] = "weir";
    ::SSL_CTX_set_session_id_context(context_, id, sizeof id - 1);
  }
  ~TlsServer() {
    ::SSL_CTX_free(context_);
    ::X509_free(certificate_);
    ::EVP_PKEY_free(key_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  SSL_CTX* context() const { return context_; }

 private:
  EVP_PKEY* key_;
  X509* certificate_;
  SSL_CTX* context_;
};

// One accepted TLS connection; handshake() false when the client has refused.
class TlsPeer {
 public:
  // On this thread only: SIGPIPE, which OpenSSL's socket writes raise, must not hide one of the client's.
  TlsPeer(const TlsServer& server, int fd) : ssl_(::SSL_new(server.context())) {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::SSL_set_fd(ssl_, fd);
  }
  ~TlsPeer() { ::SSL_free(ssl_); }
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  bool handshake() { return ::SSL_accept(ssl_) == 1; }
  bool resumed() const { return ::SSL_session_reused(ssl_) == 1; }
  std::string server_name() const {
    const char* const name = ::SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
    return name != nullptr ? name : "";
  }
  // At least `size` bytes; less when the client has gone.
  std::string read(std::size_t size) {
    std::string text;
    char bytes[4096];
    while (text.size() < size) {
      const int received = ::SSL_read(ssl_, bytes, sizeof bytes);
      if (received <= 0) break;
      text.append(bytes, static_cast<std::size_t>(received));
    }
    return text;
  }
  void write(std::string_view text) { ::SSL_write(ssl_, text.data(), static_cast<int>(text.size())); }
  void close() { ::SSL_shutdown(ssl_); }

 private:
  SSL* ssl_;
};

}  // namespace weir::net::testing
