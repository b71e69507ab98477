// net/tls/certificate_watch.h: reloads a server's certificate when its files change.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>

#include "net/tls/server_context.h"
#include "observe/log.h"

namespace weir::net::tls {

constexpr std::chrono::milliseconds kCertificateCheckInterval{1'000};

// Looks at size, inode and modification time once in each interval, on the given loop. A certificate
// without its key yet (the two are replaced one after the other) is tried again at the next look.
class CertificateWatch : public std::enable_shared_from_this<CertificateWatch> {
 public:
  CertificateWatch(std::shared_ptr<ServerContext> context, boost::asio::io_context& loop, observe::Log& log);
  void start();  // from any thread
  void stop();   // from any thread

 private:
  std::uint64_t fingerprint() const;
  void look_later();
  void look();

  const std::shared_ptr<ServerContext> context_;
  observe::Log& log_;
  boost::asio::io_context& loop_;
  boost::asio::steady_timer timer_;
  std::uint64_t loaded_ = 0;    // fingerprint of the files in use
  std::uint64_t reported_ = 0;  // of the last files that could not be used
};

}  // namespace weir::net::tls
