// ops/upstream/cloud.h: how one simulated cloud dresses the Messages API: its paths, proofs, bodies and
// errors. One implementation for each cloud, in cloud_*.cpp; clouds.cpp puts them around the simulator.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http.h"
#include "ops/upstream/cloud_tokens.h"
#include "ops/upstream/messages_api.h"

namespace weir::ops::upstream {

// A request to a cloud as the Messages API has it.
struct CloudQuestion {
  std::string path;  // "/v1/messages", "/v1/messages/count_tokens"
  std::string body;
};

// Safe to call from every loop.
class Cloud {
 public:
  virtual ~Cloud() = default;
  // Whether the request is one to this cloud.
  virtual bool owns(const net::Request& request) const = 0;
  // Whether the caller has proven who it is; nullopt: so it is.
  virtual std::optional<Refusal> check_caller(const net::Request& request, std::string_view body) const = 0;
  // invalid_request, not_found: as the cloud would refuse it.
  virtual Result<CloudQuestion> question(const net::Request& request, std::string_view body) const = 0;

  // An error; its retry-after, and other fields of the answer, are added by the caller.
  virtual net::Response error(int status, std::string_view message) const = 0;
  // What the Messages API answered in one piece with status 200.
  virtual net::Response whole(net::Response answer) const { return answer; }
  virtual net::ResponseHead stream_head(net::ResponseHead head) const { return head; }
  // A server-sent event, or the beginning of one that is cut there. Empty: the cloud sends no such thing.
  virtual std::string event(std::string_view text) const { return std::string(text); }
};

std::unique_ptr<Cloud> simulated_bedrock(CloudTokens& tokens, const Clock& clock);
// Mantle and Claude Platform on AWS: the Messages API under Amazon's signatures.
std::unique_ptr<Cloud> simulated_messages_on_aws(CloudTokens& tokens, const Clock& clock);
std::unique_ptr<Cloud> simulated_vertex(CloudTokens& tokens);
std::unique_ptr<Cloud> simulated_foundry(CloudTokens& tokens);

// Of `Authorization: Bearer …`; empty: none.
std::string_view bearer_of(const net::Request& request);
// As Amazon refuses a signature or key that is wrong; nullopt: it is right.
std::optional<Refusal> check_aws_caller(const net::Request& request, std::string_view body,
                                        std::string_view service, CloudTokens& tokens, WallTime now);
// {"message": …} with x-amzn-errortype.
net::Response aws_error(int status, std::string_view message);

}  // namespace weir::ops::upstream
