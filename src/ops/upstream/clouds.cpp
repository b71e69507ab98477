#include "ops/upstream/clouds.h"

#include "base/json.h"

namespace weir::ops::upstream {
namespace {

// Turns the Messages API's answers into the cloud's on their way out.
class CloudResponder final : public net::Responder {
 public:
  CloudResponder(const Cloud& cloud, net::Responder& out) : cloud_(cloud), out_(out) {}

  Task<Result<>> send(net::Response response) override {
    net::Response dressed = dress(std::move(response));
    co_return co_await out_.send(std::move(dressed));
  }
  // Only bodies that are cut have a length here: half of what the cloud would have sent is half of nothing.
  Task<Result<>> start(net::ResponseHead head, std::int64_t length) override {
    is_stream_ = length < 0;
    if (is_stream_) head = cloud_.stream_head(std::move(head));
    co_return co_await out_.start(std::move(head), length);
  }
  Task<Result<>> write(std::string_view bytes) override {
    if (!is_stream_) co_return co_await out_.write(bytes);
    const std::string event = cloud_.event(bytes);
    if (event.empty()) co_return Result<>();
    co_return co_await out_.write(event);
  }
  Task<Result<>> finish() override { co_return co_await out_.finish(); }
  void abort() override { out_.abort(); }
  bool started() const override { return out_.started(); }

 private:
  net::Response dress(net::Response response) const {
    if (response.status < 400) {
      const std::string type(response.headers.get("content-type"));
      net::Response whole = cloud_.whole(std::move(response));
      whole.headers.set("content-type", type);
      return whole;
    }
    const auto body = parse_json(response.body);
    const json::value* const error = body ? find_member(*body, "error") : nullptr;
    const std::string_view message =
        error != nullptr ? string_member(*error, "message") : std::string_view(response.body);
    net::Response dressed = cloud_.error(response.status, message);
    if (const auto wait = response.headers.find("retry-after")) dressed.headers.set("retry-after", *wait);
    if (response.headers.get("content-type").starts_with("text/html"))
      dressed.headers.set("content-type", response.headers.get("content-type"));
    return dressed;
  }

  const Cloud& cloud_;
  net::Responder& out_;
  bool is_stream_ = false;
};

// Puts another body into a request for as long as it lives: a connection keeps its request for the next one.
class OtherBody {
 public:
  OtherBody(net::Request& request, std::string body)
      : request_(request), own_(request.body), other_(std::move(body)) {
    request_.body = &other_;
  }
  ~OtherBody() { request_.body = own_; }
  OtherBody(const OtherBody&) = delete;
  OtherBody& operator=(const OtherBody&) = delete;

 private:
  net::Request& request_;
  net::BodyReader* const own_;
  net::StringBody other_;
};

bool is_issuer(const net::Request& request) {
  const std::string_view path = request.path;
  return (path == "/" && request.method == "POST") || path == "/token" || path == "/container-credentials" ||
         path.starts_with("/latest/") || path.starts_with("/computeMetadata/") ||
         path.ends_with("/oauth2/v2.0/token");
}

}  // namespace

Clouds::Clouds(CloudConfig config, const Clock& clock, Random& random, std::size_t body_size_max)
    : config_(std::move(config)), body_size_max_(body_size_max), tokens_(config_, clock, random) {
  clouds_.push_back(simulated_bedrock(tokens_, clock));
  clouds_.push_back(simulated_messages_on_aws(tokens_, clock));
  clouds_.push_back(simulated_vertex(tokens_));
  clouds_.push_back(simulated_foundry(tokens_));
}

const Cloud* Clouds::find(const net::Request& request) const {
  for (const auto& cloud : clouds_) {
    if (cloud->owns(request)) return cloud.get();
  }
  return nullptr;
}

bool Clouds::owns(const net::Request& request) const {
  return is_issuer(request) || find(request) != nullptr;
}

Task<> Clouds::answer(net::Request& request, net::Responder& responder, net::Handler messages,
                      std::string messages_key) {
  const Cloud* const cloud = find(request);
  auto body = co_await net::read_all(*request.body, body_size_max_);
  if (cloud == nullptr) {
    auto issued = body ? tokens_.answer(request, *body) : std::nullopt;
    net::Response response = issued ? *std::move(issued) : net::Response{.status = 404};
    co_await responder.send(std::move(response));
    co_return;
  }
  std::optional<Refusal> refusal;
  if (!body) {
    refusal = Refusal{body.error().code == Code::too_large ? 413 : 400, body.error().message};
  } else {
    refusal = cloud->check_caller(request, *body);
  }
  const bool replays = request.headers.contains("x-weir-recording");
  CloudQuestion question;
  if (!refusal && !replays) {
    auto asked = cloud->question(request, *body);
    if (asked) question = *std::move(asked);
    if (!asked) refusal = Refusal{asked.error().code == Code::not_found ? 404 : 400, asked.error().message};
  }
  if (refusal) {
    net::Response response = cloud->error(refusal->status, refusal->message);
    co_await responder.send(std::move(response));
    co_return;
  }
  request.headers.remove("authorization");
  request.headers.set("x-api-key", messages_key);
  if (!replays) request.path = std::move(question.path);
  const OtherBody inner(request, replays ? *std::move(body) : std::move(question.body));
  if (replays) {
    co_await messages(request, responder);
    co_return;
  }
  CloudResponder dressed(*cloud, responder);
  co_await messages(request, dressed);
}

}  // namespace weir::ops::upstream
