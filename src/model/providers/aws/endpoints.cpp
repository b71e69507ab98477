#include "model/providers/aws/endpoints.h"

#include <algorithm>

namespace weir::model {
namespace {

struct Service {
  std::string_view host;  // before the region
  std::string_view domain;
  std::string_view base_path;
  std::string_view name;  // in signatures
};

Service service_of(AwsApi api, bool in_china) {
  switch (api) {
    case AwsApi::invoke:
      return {"bedrock-runtime.", in_china ? ".amazonaws.com.cn" : ".amazonaws.com", "", "bedrock"};
    case AwsApi::mantle: return {"bedrock-mantle.", ".api.aws", "/anthropic", "bedrock-mantle"};
    case AwsApi::platform: break;
  }
  return {"aws-external-anthropic.", ".api.aws", "", "aws-external-anthropic"};
}

bool is_region(std::string_view region) {
  return !region.empty() && region.size() <= 32 && std::ranges::all_of(region, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// As net::Client writes it: the port only where it is not the scheme's own.
std::string host_field(const net::Origin& origin) {
  std::string out = origin.host.contains(':') ? "[" + origin.host + "]" : origin.host;
  if (origin.port != (origin.tls ? 443 : 80)) out += ":" + std::to_string(origin.port);
  return out;
}

}  // namespace

Result<AwsEndpoint> aws_endpoint(AwsApi api, std::string_view region) {
  if (!is_region(region)) {
    return fail(Code::invalid_request, "\"" + std::string(region) + "\" is no AWS region",
                "write it like us-east-1, for example in AWS_REGION");
  }
  const Service service = service_of(api, region.starts_with("cn-"));
  AwsEndpoint endpoint;
  endpoint.origin.host = std::string(service.host) + std::string(region) + std::string(service.domain);
  endpoint.origin.base_path = service.base_path;
  endpoint.scope = {.region = std::string(region), .service = std::string(service.name)};
  return endpoint;
}

Result<std::string> aws_region(const Environment& environment) {
  for (const std::string_view name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (auto region = environment.variable(name)) return *std::move(region);
  }
  return fail(Code::unavailable, "no AWS region is set", "set AWS_REGION, for example to us-east-1");
}

void authorize_aws(net::ClientRequest& request, const net::Origin& origin, const SigningScope& scope,
                   const Token& token, WallTime now) {
  if (token.key_id.empty()) {
    request.headers.set("authorization", "Bearer " + std::string(token.value.reveal()));
    return;
  }
  net::Headers fields = request.headers;
  fields.set("host", host_field(origin));
  fields.remove("content-length");  // the client writes its own
  const std::size_t query_at = std::min(request.target.find('?'), request.target.size());
  const std::string path = origin.base_path + request.target.substr(0, query_at);
  const std::string_view query =
      std::string_view(request.target).substr(std::min(query_at + 1, request.target.size()));
  const AwsKeys keys{
      .access_key_id = token.key_id, .secret_access_key = token.value, .session_token = token.session};
  const SigningRequest signing{
      .method = request.method, .path = path, .query = query, .headers = fields, .body = request.body};
  const Signature signature = sign_v4(signing, keys, scope, now);
  for (const net::Field field : signature.headers) request.headers.set(field.name, field.value);
}

}  // namespace weir::model
