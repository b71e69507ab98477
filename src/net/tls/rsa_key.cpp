#include "net/tls/rsa_key.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/error.h"

namespace weir::net {
namespace {

// Without it OpenSSL would ask the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

Result<RsaKey> RsaKey::from_pem(const Secret& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.reveal().size())), &BIO_free);
  EVP_PKEY* key =
      bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr);
  if (key == nullptr) {
    return fail(Code::invalid_request, "the private key cannot be read",
                "give an unencrypted RSA key in PEM, from -----BEGIN PRIVATE KEY----- to the end");
  }
  std::shared_ptr<void> owned(key, [](void* held) { EVP_PKEY_free(static_cast<EVP_PKEY*>(held)); });
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
    return fail(Code::invalid_request, "the private key is no RSA key", "give the key of a service account");
  }
  return RsaKey(std::move(owned));
}

Result<std::string> RsaKey::sign_sha256(std::string_view bytes) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t size = 0;
  auto* key = static_cast<EVP_PKEY*>(key_.get());
  if (context == nullptr || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size()) != 1) {
    return fail(Code::internal, "OpenSSL cannot sign with this key");
  }
  std::string out(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, data,
                     bytes.size()) != 1) {
    return fail(Code::internal, "OpenSSL failed to sign");
  }
  out.resize(size);
  return out;
}

}  // namespace weir::net
