#include "data/cassettes/redaction.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"

namespace weir::data {
namespace {

constexpr std::size_t kSecretSizeMin = 8;  // shorter values would tear holes into any text

constexpr std::array<std::string_view, 21> kNames{"key",
                                                  "api_key",
                                                  "apikey",
                                                  "api-key",
                                                  "access_token",
                                                  "refresh_token",
                                                  "id_token",
                                                  "token",
                                                  "sig",
                                                  "signature",
                                                  "x-amz-signature",
                                                  "x-amz-credential",
                                                  "x-amz-security-token",
                                                  "secret",
                                                  "client_secret",
                                                  "client_assertion",
                                                  "password",
                                                  "authorization",
                                                  "authorization_token",
                                                  "assertion",
                                                  "secret_access_key"};
// Of JSON members only what is never anything else: a tool's input has every right to a "key" or a "token".
constexpr std::array<std::string_view, 7> kNotMembers{"key",    "token",     "sig",     "signature",
                                                      "secret", "assertion", "id_token"};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

std::size_t run_of(std::string_view text, std::string_view more) {
  std::size_t size = 0;
  while (size < text.size() && (is_word(text[size]) || more.find(text[size]) != more.npos)) ++size;
  return size;
}

struct Shape {
  std::string_view prefix;
  std::size_t size_min;   // of the whole
  std::string_view more;  // what may stand in it beside letters, digits, - and _
};
constexpr std::array kShapes{
    Shape{"sk-", 20, ""},
    Shape{"weir_", 60, ""},
    Shape{"AKIA", 20, ""},
    Shape{"ASIA", 20, ""},
    Shape{"AIza", 35, ""},
    Shape{"ya29.", 24, "."},
    Shape{"ghp_", 30, ""},
    Shape{"gho_", 30, ""},
    Shape{"github_pat_", 30, ""},
    Shape{"xoxb-", 24, ""},
    Shape{"xoxp-", 24, ""},
    Shape{"ABSK", 40, "+/="},
    Shape{"bedrock-api-key-", 32, "+/="},
};

// How many bytes at the beginning look like a key; 0: none.
std::size_t key_at(std::string_view text) {
  for (const Shape& shape : kShapes) {
    if (!text.starts_with(shape.prefix)) continue;
    const std::size_t size = run_of(text, shape.more);
    if (size >= shape.size_min) return size;
  }
  if (text.starts_with("eyJ")) {  // a JWT: three parts
    const std::size_t size = run_of(text, ".");
    if (size >= 40 && std::ranges::count(text.substr(0, size), '.') >= 2) return size;
  }
  constexpr std::string_view kBegin = "-----BEGIN ", kPrivate = "PRIVATE KEY-----";
  if (text.starts_with(kBegin) && text.substr(0, 64).contains(kPrivate)) {
    const std::size_t end = text.find("-----END ");
    if (end == text.npos) return text.size();
    const std::size_t last = text.find("-----", end + 9);
    return last == text.npos ? text.size() : last + 5;
  }
  constexpr std::string_view kBearer = "Bearer ";
  if (iequals(text.substr(0, kBearer.size()), kBearer)) {
    const std::size_t size = run_of(text.substr(kBearer.size()), ".+/=~");
    if (size >= 16) return kBearer.size() + size;
  }
  return 0;
}

// The quote of a JSON string, perhaps escaped as within another; its size, or 0.
std::size_t quote_at(std::string_view text) {
  if (text.starts_with('"')) return 1;
  return text.starts_with("\\\"") ? 2 : 0;
}

}  // namespace

Redactor::Redactor(RedactionConfig config) : texts_(std::move(config.texts)) {
  for (const std::string& name : config.names) names_.push_back(to_lower(name));
  std::erase_if(texts_, [](const std::string& text) { return text.empty(); });
}

bool Redactor::is_secret_name(std::string_view name) const {
  const std::string lower = to_lower(name);
  return std::ranges::find(kNames, lower) != kNames.end() || std::ranges::find(names_, lower) != names_.end();
}

bool Redactor::is_secret_header(std::string_view name) const {
  constexpr std::array<std::string_view, 9> kParts{"token",      "secret",       "password",
                                                   "signature",  "api-key",      "apikey",
                                                   "credential", "organization", "project"};
  if (std::ranges::find(names_, name) != names_.end()) return true;
  if (name == "authorization" || name == "proxy-authorization" || name == "cookie" || name == "set-cookie" ||
      name == "ocp-apim-subscription-key" || name == "www-authenticate" || name == "anthropic-workspace-id")
    return true;
  if (name.contains("ratelimit") || name.contains("token-count") || name.contains("tokens")) return false;
  return std::ranges::any_of(kParts, [name](std::string_view part) { return name.contains(part); });
}

void Redactor::redact_headers(net::Headers& headers, std::vector<std::string>& secrets) const {
  const auto add = [&secrets](std::string_view value) {
    if (value.size() >= kSecretSizeMin) secrets.emplace_back(value);
  };
  net::Headers kept;
  for (const net::Field field : headers) {
    if (!is_secret_header(field.name)) {
      kept.add(field.name, field.value);
      continue;
    }
    const std::size_t space = field.value.find(' ');
    // Whose account it is, which may be any word: a secret here, and no reason to tear it out of texts.
    const bool names_account = field.name.contains("organization") || field.name.contains("project") ||
                               field.name == "www-authenticate" || field.name == "anthropic-workspace-id";
    if (names_account) {
      kept.add(field.name, kRedacted);
      continue;
    }
    if (field.name.ends_with("cookie")) {
      for (const std::string_view part : split(field.value, ';')) add(trim(part.substr(part.find('=') + 1)));
    } else if (field.name.contains("authorization") && space != field.value.npos) {
      add(trim(field.value.substr(space)));
    } else {
      add(field.value);
    }
    if (!field.name.ends_with("cookie")) kept.add(field.name, kRedacted);
  }
  headers = std::move(kept);
}

void Redactor::redact_query(std::string& path, std::vector<std::string>& secrets) const {
  const auto question = path.find('?');
  if (question == path.npos) return;
  std::string out = path.substr(0, question);
  char separator = '?';
  for (const std::string_view pair : split(std::string_view(path).substr(question + 1), '&')) {
    out += std::exchange(separator, '&');
    const auto equals = pair.find('=');
    if (equals == pair.npos || !is_secret_name(pair.substr(0, equals))) {
      out += pair;
      continue;
    }
    const std::string_view value = pair.substr(equals + 1);
    if (value.size() >= kSecretSizeMin) secrets.emplace_back(value);
    out += std::string(pair.substr(0, equals + 1)) + std::string(kRedacted);
  }
  path = std::move(out);
}

std::string Redactor::redact_text(std::string_view text, const std::vector<std::string>& secrets,
                                  std::vector<std::size_t>* marks) const {
  std::array<bool, 256> begins{};
  for (const std::vector<std::string>* list : {&secrets, &texts_}) {
    for (const std::string& secret : *list) begins[static_cast<unsigned char>(secret[0])] = true;
  }
  std::string out;
  out.reserve(text.size());
  std::size_t next_mark = 0;
  // Marks up to `at` stand at the same distance from the output's end.
  const auto move_marks = [&](std::size_t at) {
    while (marks != nullptr && next_mark < marks->size() && (*marks)[next_mark] <= at)
      (*marks)[next_mark++] = out.size();
  };
  const auto secret_at = [&](std::string_view rest) -> std::size_t {
    std::size_t longest = 0;
    for (const std::vector<std::string>* list : {&secrets, &texts_}) {
      for (const std::string& secret : *list)
        if (rest.starts_with(secret)) longest = std::max(longest, secret.size());
    }
    return longest;
  };
  // The size of `"name": "`, when the member of that name is a secret.
  const auto member_at = [&](std::string_view rest) -> std::size_t {
    const std::size_t quote = quote_at(rest);
    if (quote == 0) return 0;
    const std::size_t word = run_of(rest.substr(quote), "");
    const std::string_view name = rest.substr(quote, word);
    std::size_t at = quote + word;
    if (word == 0 || word > 64 || quote_at(rest.substr(at)) != quote || !is_secret_name(name)) return 0;
    const bool configured = std::ranges::find(names_, to_lower(name)) != names_.end();
    if (!configured && std::ranges::find(kNotMembers, to_lower(name)) != kNotMembers.end()) return 0;
    at += quote;
    while (at < rest.size() && (rest[at] == ' ' || rest[at] == ':')) ++at;
    return quote_at(rest.substr(at)) == quote ? at + quote : 0;
  };
  for (std::size_t at = 0; at < text.size();) {
    move_marks(at);
    const std::string_view rest = text.substr(at);
    const char c = text[at];
    std::size_t gone = begins[static_cast<unsigned char>(c)] ? secret_at(rest) : 0;
    if (gone == 0 && (at == 0 || !is_word(text[at - 1]) || text[at - 1] == '_')) gone = key_at(rest);
    if (gone == 0 && (c == '"' || c == '\\')) {
      if (const std::size_t head = member_at(rest)) {
        const std::size_t quote = quote_at(rest);
        out += rest.substr(0, head);
        at += head;
        while (at + gone < text.size() && !text.substr(at + gone).starts_with(rest.substr(0, quote)))
          gone += text[at + gone] == '\\' && quote == 1 ? 2 : 1;
        gone = std::min(gone, text.size() - at);
        if (gone == 0) continue;
      }
    }
    if (gone > 0) {
      out += kRedacted;
      at += gone;
    } else {
      out += text[at++];
    }
  }
  move_marks(text.size());
  return out;
}

void Redactor::redact(CassetteRequest& request) const {
  std::vector<std::string> secrets;
  redact_headers(request.headers, secrets);
  redact_query(request.path, secrets);
  request.path = redact_text(request.path, secrets, nullptr);
  request.body = redact_text(request.body, secrets, nullptr);
}

void Redactor::redact(Cassette& cassette) const {
  std::vector<std::string> secrets;
  redact_headers(cassette.request.headers, secrets);
  redact_headers(cassette.response.headers, secrets);
  redact_query(cassette.request.path, secrets);
  const auto clean = [&](std::string& text) { text = redact_text(text, secrets, nullptr); };
  clean(cassette.request.path);
  clean(cassette.request.body);
  for (net::Headers* headers : {&cassette.request.headers, &cassette.response.headers}) {
    net::Headers cleaned;
    for (const net::Field field : *headers)
      cleaned.add(field.name, redact_text(field.value, secrets, nullptr));
    *headers = std::move(cleaned);
  }
  std::vector<std::size_t> ends;
  for (std::size_t sum = 0; const CassetteChunk& chunk : cassette.response.chunks)
    ends.push_back(sum += chunk.size);
  cassette.response.body = redact_text(cassette.response.body, secrets, &ends);
  for (std::size_t i = 0; i < ends.size(); ++i)
    cassette.response.chunks[i].size = ends[i] - (i == 0 ? 0 : ends[i - 1]);
}

}  // namespace weir::data
