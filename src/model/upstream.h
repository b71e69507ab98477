// model/upstream.h: a configured provider with everything that Weir keeps about it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/accounts.h"
#include "model/provider_health.h"
#include "model/providers/provider.h"
#include "model/providers/provider_config.h"
#include "observe/health.h"
#include "observe/metrics.h"

namespace weir::model {

struct Upstream {
  // `models`: globs of the models that it is asked for when no route decides.
  Upstream(std::unique_ptr<Provider> its_provider, std::vector<std::string> its_models,
           observe::Metrics& metrics, observe::Health& health_registry, const Clock& clock)
      : provider(std::move(its_provider)),
        models(std::move(its_models)),
        counters(provider->name(), metrics),
        health(provider->name(), health_registry, clock) {}

  bool serves(std::string_view model) const;

  const std::unique_ptr<Provider> provider;
  const std::vector<std::string> models;
  ProviderCounters counters;
  ProviderHealth health;
};

}  // namespace weir::model
