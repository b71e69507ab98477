// A self-signed certificate on disk and a blocking TLS client: for tests of the server.
#pragma once

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "net_raw_client.h"

namespace weir::net::test {

// cert.pem and key.pem in a directory of their own, removed at the end.
class CertificateFiles {
 public:
  explicit CertificateFiles(std::string_view common_name) {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-tls-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    write(common_name);
  }
  ~CertificateFiles() { std::filesystem::remove_all(directory_); }
  CertificateFiles(const CertificateFiles&) = delete;
  CertificateFiles& operator=(const CertificateFiles&) = delete;

  std::string certificate() const { return directory_ / "cert.pem"; }
  std::string key() const { return directory_ / "key.pem"; }

  // A new key and a new certificate in place of the old ones.
  void write(std::string_view common_name) {
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_pair(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, void (*)(X509*)> x509(X509_new(), X509_free);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3'600);
    X509_set_version(x509.get(), 2);
    X509_set_pubkey(x509.get(), key_pair.get());
    X509_NAME* const name = X509_get_subject_name(x509.get());
    const std::string text(common_name);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(text.c_str()),
                               -1, -1, 0);
    X509_set_issuer_name(x509.get(), name);
    const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> names(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost"),
        X509_EXTENSION_free);
    X509_add_ext(x509.get(), names.get(), -1);
    X509_sign(x509.get(), key_pair.get(), EVP_sha256());
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> key_file(std::fopen(key().c_str(), "w"),
                                                                   std::fclose);
    PEM_write_PrivateKey(key_file.get(), key_pair.get(), nullptr, nullptr, 0, nullptr, nullptr);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(certificate().c_str(), "w"),
                                                               std::fclose);
    PEM_write_X509(file.get(), x509.get());
  }

 private:
  std::filesystem::path directory_;
};

// What one handshake offers.
struct TlsOffer {
  std::string_view alpn;  // wire format, for example "\x02h2\x08http/1.1"
  int version_max = TLS1_3_VERSION;
  const char* suites_tls12 = nullptr;
  SSL_SESSION* session = nullptr;  // to resume
};

class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, const TlsOffer& offer = {})
      : socket_(port), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free), ssl_(nullptr, SSL_free) {
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), offer.version_max);
    if (offer.suites_tls12 != nullptr) SSL_CTX_set_cipher_list(context_.get(), offer.suites_tls12);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_.fd());
    if (!offer.alpn.empty()) {
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(offer.alpn.data()),
                          static_cast<unsigned int>(offer.alpn.size()));
    }
    if (offer.session != nullptr) SSL_set_session(ssl_.get(), offer.session);
    SSL_set_quiet_shutdown(ssl_.get(), 1);
    connected_ = SSL_connect(ssl_.get()) == 1;
  }
  // OpenSSL resumes only sessions whose connections were shut down.
  ~TlsClient() { SSL_shutdown(ssl_.get()); }

  bool connected() const { return connected_; }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  SSL_SESSION* session() const { return SSL_get1_session(ssl_.get()); }  // the caller frees it
  std::string alpn() const {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  std::string peer_name() const {
    const std::unique_ptr<X509, void (*)(X509*)> x509(SSL_get1_peer_certificate(ssl_.get()), X509_free);
    char text[256]{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(x509.get()), NID_commonName, text, sizeof text);
    return text;
  }

  bool send(std::string_view bytes) {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
           static_cast<int>(bytes.size());
  }
  // Reads until `end` has been seen or the peer closes.
  std::string read_until(std::string_view end) {
    std::string received;
    char piece[16 * 1024];
    while (!received.ends_with(end)) {
      const int size = SSL_read(ssl_.get(), piece, sizeof piece);
      if (size <= 0) break;
      received.append(piece, static_cast<std::size_t>(size));
    }
    return received;
  }
  void close() { socket_.close(); }

 private:
  RawClient socket_;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  bool connected_ = false;
};

}  // namespace weir::net::test
