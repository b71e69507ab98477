#include "ops/check/families/secrets.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

namespace weir::ops::check {
namespace {

struct Form {
  std::string_view prefix;
  std::size_t tail_min;  // characters of a key that must follow; fewer are a placeholder or prose
  std::string_view what;
};
constexpr std::array kForms{
    Form{"sk-ant-", 20, "an Anthropic key"}, Form{"sk-proj-", 20, "an OpenAI key"},
    Form{"sk-", 40, "an OpenAI key"},        Form{"AKIA", 16, "an AWS access key"},
    Form{"AIza", 35, "a Google API key"},    Form{"ghp_", 36, "a GitHub token"},
    Form{"xoxb-", 20, "a Slack token"},      Form{"sk_live_", 20, "a Stripe key"},
    Form{"wk_live_", 20, "a key of Weir"},
};
constexpr std::size_t kShown = 4;  // characters of the tail

bool is_key_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

std::size_t tail_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_key_character(text[end])) ++end;
  return end - at;
}

// scheme://user:password@host, which config dumps and stack traces carry.
std::string connection_string_in(std::string_view text) {
  for (const std::string_view scheme :
       {"postgres://", "postgresql://", "mysql://", "redis://", "mongodb://"}) {
    const auto at = text.find(scheme);
    if (at == text.npos) continue;
    const std::string_view rest = text.substr(at + scheme.size(), 200);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/\"' \n"));
    if (authority.contains(':') && authority.contains('@'))
      return "a connection string with a password (" + std::string(scheme) + "…)";
  }
  return {};
}

}  // namespace

std::string secret_in(std::string_view text, std::string_view known) {
  if (!known.empty() && text.contains(known)) return "the probe key itself";
  for (const Form& form : kForms) {
    for (std::size_t at = text.find(form.prefix); at != text.npos; at = text.find(form.prefix, at + 1)) {
      const bool inside_word = at > 0 && is_key_character(text[at - 1]);
      const std::size_t tail = tail_at(text, at + form.prefix.size());
      if (inside_word || tail < form.tail_min) continue;
      return std::string(form.what) + " (" + std::string(text.substr(at, form.prefix.size() + kShown)) + "…)";
    }
  }
  if (text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----")) return "a private key (PEM)";
  return connection_string_in(text);
}

}  // namespace weir::ops::check
