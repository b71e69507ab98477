#include "model/providers/aws/sigv4.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "base/time_format.h"
#include "shared_data.h"

namespace weir::model {
namespace {

// Reads the raw request of AWS's test suite: fields as they stand, continuation lines included.
struct RawRequest {
  std::string method, path, query, body;
  net::Headers headers;
};

RawRequest parsed_request(const std::string& text) {
  RawRequest request;
  const std::size_t head_end = std::min(text.find("\n\n"), text.size());
  if (head_end < text.size()) request.body = text.substr(head_end + 2);
  const auto lines = split(std::string_view(text).substr(0, head_end), '\n');
  const std::size_t method_end = lines[0].find(' ');
  request.method = lines[0].substr(0, method_end);
  const std::string_view target = lines[0].substr(method_end + 1, lines[0].rfind(' ') - method_end - 1);
  const std::size_t query_at = std::min(target.find('?'), target.size());
  request.path = target.substr(0, query_at);
  if (query_at < target.size()) request.query = target.substr(query_at + 1);
  std::vector<std::pair<std::string, std::string>> fields;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].starts_with(' ')) {
      fields.back().second += "\n" + std::string(lines[i]);
    } else if (const std::size_t colon = lines[i].find(':'); colon != std::string_view::npos) {
      fields.emplace_back(lines[i].substr(0, colon), lines[i].substr(colon + 1));
    }
  }
  for (const auto& [name, value] : fields) request.headers.add(name, value);
  return request;
}

bool flag(const json::value& context, std::string_view name) {
  const json::value* value = find_member(context, name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::string expected(const std::filesystem::path& file) {
  return std::string(trim(test::file_text(file)));
}

}  // namespace

TEST_CASE("sigv4: the test suite of AWS") {
  const auto folder =
      test::shared_data() / "data" / "sigv4" / "aws-c-auth" / "tests" / "aws-signing-test-suite" / "v4";

  if (!std::filesystem::is_directory(folder)) {
    MESSAGE("skipped: no vectors in " << folder.string() << "; WEIR_SHARED names their folder");
    return;
  }
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path().filename().string());
    const auto context = parse_json(test::file_text(entry.path() / "context.json"));
    REQUIRE(context);
    const RawRequest raw = parsed_request(test::file_text(entry.path() / "request.txt"));
    const json::value& credentials = *find_member(*context, "credentials");
    const AwsKeys keys{
        .access_key_id = std::string(string_member(credentials, "access_key_id")),
        .secret_access_key = Secret(std::string(string_member(credentials, "secret_access_key"))),
        .session_token = Secret(std::string(string_member(credentials, "token")))};
    const SigningRequest request{
        .method = raw.method, .path = raw.path, .query = raw.query, .headers = raw.headers, .body = raw.body};
    const SigningScope scope{std::string(string_member(*context, "region")),
                             std::string(string_member(*context, "service"))};
    const SigningOptions options{.normalize_path = flag(*context, "normalize"),
                                 .sign_session_token = !flag(*context, "omit_session_token"),
                                 .send_body_hash = flag(*context, "sign_body")};
    const auto time = parse_rfc3339(string_member(*context, "timestamp"));
    REQUIRE(time);
    const Signature signature = sign_v4(request, keys, scope, *time, options);
    CHECK(signature.canonical_request == expected(entry.path() / "header-canonical-request.txt"));
    CHECK(signature.string_to_sign == expected(entry.path() / "header-string-to-sign.txt"));
    CHECK(signature.signature == expected(entry.path() / "header-signature.txt"));
    const RawRequest sent = parsed_request(test::file_text(entry.path() / "header-signed-request.txt"));
    for (const net::Field field : signature.headers) {
      CAPTURE(std::string(field.name));
      CHECK(std::string(field.value) == sent.headers.get(field.name));
    }
    ++cases;
  }
  CHECK(cases == 38);
}

TEST_CASE("sigv4: requests to Bedrock, Mantle and Claude Platform as botocore signs them") {
  const auto file = test::shared_data() / "data" / "sigv4" / "sigv4_bedrock_botocore.json";
  if (!std::filesystem::is_regular_file(file)) {
    MESSAGE("skipped: no vectors in " << file.string() << "; WEIR_SHARED names their folder");
    return;
  }
  const auto vectors = parse_json(test::file_text(file));
  REQUIRE(vectors);
  const auto& cases = find_member(*vectors, "cases")->as_array();
  CHECK(cases.size() == 10);
  for (const json::value& vector : cases) {
    CAPTURE(std::string(string_member(vector, "name")));
    const std::string_view url = string_member(vector, "url");
    const std::size_t path_at = url.find('/', 8);
    const std::size_t query_at = std::min(url.find('?'), url.size());
    net::Headers headers;
    headers.add("host", url.substr(8, path_at - 8));
    for (const auto& [name, value] : find_member(vector, "headers_in")->as_object())
      headers.add(name, value.as_string());
    const AwsKeys keys{.access_key_id = std::string(string_member(vector, "access_key")),
                       .secret_access_key = Secret(std::string(string_member(vector, "secret_key"))),
                       .session_token = Secret(std::string(string_member(vector, "session_token")))};
    const SigningRequest request{.method = string_member(vector, "method"),
                                 .path = url.substr(path_at, query_at - path_at),
                                 .query = url.substr(std::min(query_at + 1, url.size())),
                                 .headers = headers,
                                 .body = string_member(vector, "body")};
    const SigningScope scope{std::string(string_member(vector, "region")),
                             std::string(string_member(vector, "service"))};
    const Signature signature = sign_v4(request, keys, scope, *parse_rfc3339("2026-11-23T12:00:00Z"));
    CHECK(signature.canonical_request == string_member(vector, "canonical_request"));
    CHECK(signature.string_to_sign == string_member(vector, "string_to_sign"));
    for (const auto& [name, value] : find_member(vector, "headers_out")->as_object()) {
      const std::string field = to_lower(name);
      if (headers.contains(field)) continue;
      CHECK(signature.headers.get(field) == std::string_view(value.as_string()));
    }
  }
}

TEST_CASE("sigv4: what a proxy may change is not signed, nor is an older signature") {
  const net::Headers headers{{"host", "h"},
                             {"user-agent", "weir"},
                             {"traceparent", "00-1"},
                             {"authorization", "old"},
                             {"x-amzn-trace-id", "Root=1"},
                             {"transfer-encoding", "chunked"},
                             {"accept", "*/*"}};
  const SigningRequest request{.method = "POST", .path = "/", .query = "", .headers = headers, .body = ""};
  const Signature signature =
      sign_v4(request, {"AKID", Secret("s"), Secret()}, {"r", "bedrock"}, WallTime(0));
  CHECK(signature.headers.get("authorization").contains("SignedHeaders=accept;host;x-amz-date,"));
  CHECK_FALSE(signature.headers.contains("x-amz-security-token"));
}

}  // namespace weir::model
