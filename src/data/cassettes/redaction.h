// data/cassettes/redaction.h: takes the secrets out of an exchange before anything of it touches a disk.
//
// Removed: the values of credential headers (authorization, x-api-key, cookies, cloud signatures and tokens,
// organisation and project ids), of query parameters and JSON members with such names, everything that looks
// like a key (Anthropic, OpenAI, Weir, AWS, Google, GitHub, Slack, JWT, PEM private keys), and whatever value
// was removed at one place is removed at every other. Signatures of thinking blocks stay: an answer without
// them could not be replayed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/cassettes/cassette.h"

namespace weir::data {

struct RedactionConfig {
  std::vector<std::string> names;  // further headers, query parameters and JSON members; any case
  std::vector<std::string> texts;  // further secrets, wherever they stand
};

constexpr std::string_view kRedacted = "REDACTED";

class Redactor {
 public:
  explicit Redactor(RedactionConfig config);

  void redact(Cassette& cassette) const;
  // The same for a request alone, so that it can be compared with a recorded one.
  void redact(CassetteRequest& request) const;

 private:
  bool is_secret_header(std::string_view name) const;
  bool is_secret_name(std::string_view name) const;
  void redact_headers(net::Headers& headers, std::vector<std::string>& secrets) const;
  void redact_query(std::string& path, std::vector<std::string>& secrets) const;
  // `marks` are offsets into the text; they are moved to where they belong afterwards.
  std::string redact_text(std::string_view text, const std::vector<std::string>& secrets,
                          std::vector<std::size_t>* marks) const;

  std::vector<std::string> names_;  // lower case
  std::vector<std::string> texts_;
};

}  // namespace weir::data
