#include "ops/check/families/scrape.h"

#include <cmath>
#include <cstdlib>

#include "base/text.h"

namespace weir::ops::check {
namespace {

// "name{…} 12.5" or with a timestamp behind; nullopt: no sample.
std::optional<std::pair<std::string, double>> read_sample(std::string_view line) {
  const auto brace = line.find('{');
  const auto space = line.find(' ');
  std::size_t name_end = space;
  if (brace != line.npos && brace < space) {
    const auto close = line.rfind('}');
    if (close == line.npos || close < brace) return std::nullopt;
    name_end = close + 1;
  }
  if (name_end == line.npos || name_end == 0 || name_end >= line.size()) return std::nullopt;
  const std::string rest(trim(line.substr(name_end)));
  char* end = nullptr;
  const double value = std::strtod(rest.c_str(), &end);
  if (end == rest.c_str()) return std::nullopt;
  return std::pair(std::string(line.substr(0, name_end)), value);
}

bool is_named(std::string_view series, std::string_view name) {
  return series.starts_with(name) && (series.size() == name.size() || series[name.size()] == '{');
}

}  // namespace

Samples read_samples(std::string_view text) {
  Samples samples;
  for (std::string_view line : split(text, '\n')) {
    line = trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    auto sample = read_sample(line);
    if (!sample) return {};
    samples.insert(*std::move(sample));
  }
  return samples;
}

std::size_t count_risen(const Samples& before, const Samples& after) {
  std::size_t risen = 0;
  for (const auto& [series, value] : after) {
    const auto old = before.find(series);
    if (value > (old == before.end() ? 0.0 : old->second)) ++risen;
  }
  return risen;
}

std::optional<double> value_of(const Samples& samples, std::string_view name) {
  const auto found = samples.lower_bound(name);
  if (found == samples.end() || !is_named(found->first, name)) return std::nullopt;
  return found->second;
}

std::string label_of(const Samples& samples, std::string_view name, std::string_view label) {
  const auto found = samples.lower_bound(name);
  if (found == samples.end() || !is_named(found->first, name)) return {};
  const std::string wanted = std::string(label) + "=\"";
  const auto at = found->first.find(wanted);
  if (at == std::string::npos) return {};
  const auto begin = at + wanted.size();
  return found->first.substr(begin, found->first.find('"', begin) - begin);
}

Task<std::optional<LastSuccess>> ask_last_success(Context& context, std::string_view name) {
  Ask scrape{.path = context.target.metrics};
  const Answer* const answer = co_await context.prober.ask(scrape);
  const auto at = value_of(read_samples(answer->body), name);
  if (!at) co_return std::nullopt;
  const double now_s = std::chrono::duration<double>(context.clock.wall()).count();
  co_return LastSuccess{.ever = *at > 0, .age_s = now_s - *at};
}

}  // namespace weir::ops::check
