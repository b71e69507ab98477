// app/documents/confined/confined_reader.h: reads each document in a process of its own, which is gone
// afterwards. A document that crashes its parser, runs without end or unpacks without end is one refused
// document with a reason; it can reach neither this process nor another document.
#pragma once

#include <string>

#include "app/documents/confined/parse_frame.h"
#include "app/documents/reader.h"
#include "base/clock.h"

namespace weir::app {

class ConfinedReader : public DocumentReader {
 public:
  // program: what is started with kParseChildWord; /proc/self/exe is this very program.
  ConfinedReader(ParseLimits limits, const Clock& clock, std::string program = "/proc/self/exe");

  // Beyond read_document's errors: invalid_request when the parser crashed or took longer than a limit,
  // too_large when it needs more memory or text than one; overloaded when no process can be started.
  Result<ReadDocument> read(const RawDocument& raw) const override;

 private:
  const ParseLimits limits_;
  const Clock& clock_;
  const std::string program_;
};

}  // namespace weir::app
