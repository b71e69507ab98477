#include "net/tls/server_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <string_view>

namespace weir::net::tls {
namespace {

// https://wiki.mozilla.org/Security/Server_Side_TLS, "intermediate".
constexpr const char* kSuitesTls12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kSuitesTls13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr std::array<unsigned char, 4> kSessionContext{'w', 'e', 'i', 'r'};
constexpr std::size_t kTicketKeysSize = 80;  // name, HMAC key and AES key of OpenSSL's default tickets

std::string last_openssl_error() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

std::unexpected<Error> bad_file(const std::string& file, std::string_view what) {
  return fail(Code::invalid_request, "cannot use " + std::string(what) + " " + file + ": " + last_openssl_error(),
              "give PEM files that the server may read, the key being the certificate's");
}

// RFC 7301: the server's preference decides. No protocol in common: the connection goes on as HTTP/1.1
// does without ALPN. `argument` is null when HTTP/2 is not spoken.
int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                unsigned int offered_size, void* argument) {
  static constexpr unsigned char kBoth[] = "\x02h2\x08http/1.1";
  const bool http2 = argument != nullptr;
  const unsigned char* const ours = http2 ? kBoth : kBoth + 3;
  const unsigned int ours_size = sizeof(kBoth) - 1 - (http2 ? 0 : 3);
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, ours, ours_size, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<std::shared_ptr<ServerContext>> ServerContext::load(std::string certificate_file, std::string key_file,
                                                           bool http2) {
  std::shared_ptr<ServerContext> context(
      new ServerContext(std::move(certificate_file), std::move(key_file), http2));
  auto made = context->make();
  if (!made) return fail(made);
  context->current_ = std::move(*made);
  return context;
}

Result<std::shared_ptr<SSL_CTX>> ServerContext::make() const {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX* const ctx = context.get();
  if (ctx == nullptr) return fail(Code::internal, "cannot create a TLS context: " + last_openssl_error());
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Buffers of an idle connection are released; a write may continue from another address.
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const bool set = SSL_CTX_set_cipher_list(ctx, kSuitesTls12) == 1 &&
                   SSL_CTX_set_ciphersuites(ctx, kSuitesTls13) == 1 &&
                   SSL_CTX_set1_groups_list(ctx, kGroups) == 1 &&
                   SSL_CTX_set_session_id_context(ctx, kSessionContext.data(), kSessionContext.size()) == 1;
  if (!set) return fail(Code::internal, "cannot set up TLS: " + last_openssl_error());
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);  // resumption by tickets alone
  SSL_CTX_set_alpn_select_cb(ctx, &select_alpn, http2_ ? ctx : nullptr);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(ctx, certificate_file_.c_str()) != 1) {
    return bad_file(certificate_file_, "the certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(ctx, key_file_.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(ctx) != 1) {
    return bad_file(key_file_, "the key");
  }
  return context;
}

Result<> ServerContext::reload() {
  auto made = make();
  if (!made) return fail(made);
  const std::lock_guard lock(mutex_);
  std::array<unsigned char, kTicketKeysSize> keys{};
  if (SSL_CTX_get_tlsext_ticket_keys(current_.get(), keys.data(), keys.size()) == 1) {
    SSL_CTX_set_tlsext_ticket_keys(made->get(), keys.data(), keys.size());
  }
  current_ = std::move(*made);
  return {};
}

std::shared_ptr<SSL_CTX> ServerContext::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace weir::net::tls
