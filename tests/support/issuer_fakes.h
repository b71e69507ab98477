// tests/support/issuer_fakes.h: issuers of tokens that answer as scripted, and everything else that a source
// of credentials is made with.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "fake_environment.h"
#include "model/providers/credential_parts.h"
#include "model/providers/token_source.h"
#include "net/http_client.h"
#include "run_task.h"

namespace weir::model::fakes {

struct Issued {
  int status = 200;
  std::string body;
  net::Headers headers = {};
};

class IssuerClient final : public net::HttpClient {
 public:
  struct Sent {
    std::string url;  // origin and target
    std::string method;
    net::Headers headers;
    std::string body;
  };
  std::deque<Result<Issued>> answers;
  std::vector<Sent> sent;

  Task<Result<std::unique_ptr<net::ClientResponse>>> send(const net::Origin& origin,
                                                          net::ClientRequest request,
                                                          net::ClientTimeouts) override {
    sent.push_back(
        {origin.to_string() + request.target, request.method, request.headers, std::string(request.body)});
    WEIR_ASSERT(!answers.empty());
    Result<Issued> answer = std::move(answers.front());
    answers.pop_front();
    if (!answer) co_return fail(answer);
    co_return std::make_unique<Response>(*std::move(answer));
  }

 private:
  class Response final : public net::ClientResponse {
   public:
    explicit Response(Issued issued) : issued_(std::move(issued)), body_(issued_.body) {}
    int status() const override { return issued_.status; }
    const net::Headers& headers() const override { return issued_.headers; }
    Task<Result<std::string_view>> read() override { return body_.read(); }

   private:
    Issued issued_;
    net::StringBody body_;
  };
};

struct CredentialFixture {
  IssuerClient client;
  FakeEnvironment environment;
  ManualClock clock;
  SeededRandom random{3};
  CredentialParts parts{client, environment, clock, random};

  void answer(int status, std::string body, net::Headers headers = {}) {
    client.answers.emplace_back(Issued{status, std::move(body), std::move(headers)});
  }
  static Result<Token> get(TokenSource& source) { return test::run_task(source.get()); }
};

}  // namespace weir::model::fakes
