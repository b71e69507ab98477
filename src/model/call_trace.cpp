#include "model/call_trace.h"

namespace weir::model {

std::string_view to_string(LeftOut why) {
  switch (why) {
    case LeftOut::breaker_open: return "breaker_open";
    case LeftOut::cooling: return "cooling";
    case LeftOut::queue_full: return "queue_full";
    case LeftOut::cannot_express: return "cannot_express";
  }
  return "breaker_open";
}

std::string_view to_string(TriesEnd end) {
  switch (end) {
    case TriesEnd::answered: return "answered";
    case TriesEnd::final: return "final";
    case TriesEnd::tries_max: return "tries_max";
    case TriesEnd::budget: return "budget";
    case TriesEnd::deadline: return "deadline";
    case TriesEnd::no_target: return "no_target";
    case TriesEnd::cancelled: return "cancelled";
  }
  return "cancelled";
}

}  // namespace weir::model
