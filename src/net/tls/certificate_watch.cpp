#include "net/tls/certificate_watch.h"

#include <sys/stat.h>

#include <boost/asio/post.hpp>

namespace weir::net::tls {
namespace {

// FNV-1a over what changes when a file is replaced or rewritten.
void mix(std::uint64_t& hash, std::int64_t value) {
  hash = (hash ^ static_cast<std::uint64_t>(value)) * 0x100000001B3U;
}

void mix_file(std::uint64_t& hash, const std::string& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return;
  mix(hash, static_cast<std::int64_t>(info.st_ino));
  mix(hash, info.st_size);
  mix(hash, info.st_mtim.tv_sec);
  mix(hash, info.st_mtim.tv_nsec);
}

}  // namespace

CertificateWatch::CertificateWatch(std::shared_ptr<ServerContext> context, boost::asio::io_context& loop,
                                   observe::Log& log)
    : context_(std::move(context)), log_(log), loop_(loop), timer_(loop), loaded_(fingerprint()) {}

void CertificateWatch::start() {
  boost::asio::post(loop_, [self = shared_from_this()] { self->look_later(); });
}

void CertificateWatch::stop() {
  boost::asio::post(loop_, [self = shared_from_this()] { self->timer_.cancel(); });
}

std::uint64_t CertificateWatch::fingerprint() const {
  std::uint64_t hash = 0xCBF29CE484222325U;
  mix_file(hash, context_->certificate_file());
  mix_file(hash, context_->key_file());
  return hash;
}

void CertificateWatch::look_later() {
  timer_.expires_after(kCertificateCheckInterval);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& stopped) {
    if (stopped) return;
    self->look();
    self->look_later();
  });
}

void CertificateWatch::look() {
  const std::uint64_t now = fingerprint();
  if (now == loaded_) return;
  auto reloaded = context_->reload();
  if (reloaded) {
    loaded_ = now;
    log_.info("reloaded the TLS certificate", {{"file", context_->certificate_file()}});
  } else if (now != reported_) {
    reported_ = now;
    log_.warn("cannot reload the TLS certificate; the old one stays", {{"error", reloaded.error().message}});
  }
}

}  // namespace weir::net::tls
