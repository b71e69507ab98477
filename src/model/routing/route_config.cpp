#include "model/routing/route_config.h"

namespace weir::model {

bool RouteConfig::has_breaker() const {
  return breaker_tries_min != 0 || breaker_failures_percent != 0 || breaker_open_for.count() != 0;
}

BreakerConfig RouteConfig::breaker_over(BreakerConfig general) const {
  if (breaker_tries_min != 0) general.tries_min = breaker_tries_min;
  if (breaker_failures_percent != 0) general.failures_percent = breaker_failures_percent;
  if (breaker_open_for.count() != 0) general.open_for = breaker_open_for;
  return general;
}

}  // namespace weir::model
