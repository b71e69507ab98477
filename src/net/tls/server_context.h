// net/tls/server_context.h: the certificate, key and settings of a TLS server, replaceable while it runs.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <mutex>
#include <string>

#include "base/error.h"

namespace weir::net::tls {

// TLS 1.2 and 1.3 with the suites of Mozilla's "intermediate" configuration (version 5.7), ALPN,
// session tickets. Thread-safe: new connections take the newest context, old ones keep theirs.
class ServerContext {
 public:
  // PEM files. http2: whether ALPN may choose "h2". Errors: invalid_request names the file.
  static Result<std::shared_ptr<ServerContext>> load(std::string certificate_file, std::string key_file,
                                                     bool http2);

  // Reads the files again. On failure the certificate in use stays. Tickets given out before are still
  // accepted, because the ticket keys move on to the new context.
  Result<> reload();

  std::shared_ptr<SSL_CTX> current() const;
  const std::string& certificate_file() const { return certificate_file_; }
  const std::string& key_file() const { return key_file_; }

 private:
  ServerContext(std::string certificate_file, std::string key_file, bool http2)
      : certificate_file_(std::move(certificate_file)), key_file_(std::move(key_file)), http2_(http2) {}
  Result<std::shared_ptr<SSL_CTX>> make() const;

  const std::string certificate_file_;
  const std::string key_file_;
  const bool http2_;
  mutable std::mutex mutex_;
  std::shared_ptr<SSL_CTX> current_;  // shared with the connections that use it
};

}  // namespace weir::net::tls
