// edge/policies/in_flight.h: sheds load before it hurts those that are being answered.
#pragma once

#include "edge/policies/admission.h"

namespace weir::edge {

// overloaded when in_flight_max requests are being answered. Counts on success; the pipeline calls
// leave() when the exchange ends, however it ends.
Result<> enter(Exchange& exchange, Admission& admission);
void leave(Exchange& exchange, Admission& admission);

}  // namespace weir::edge
