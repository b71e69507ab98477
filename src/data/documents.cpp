#include "data/documents.h"

namespace weir::data {

std::string_view to_string(DocumentStatus status) {
  switch (status) {
    case DocumentStatus::ready: return "ready";
    case DocumentStatus::failed: return "failed";
  }
  WEIR_ASSERT(false);
}

}  // namespace weir::data
