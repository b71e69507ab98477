// main/config/config.h: everything that can be set, as the modules' own structs. The defaults stand in
// those structs; src/main/config/settings.cpp names each one that an operator can change.
#pragma once

#include <string>

#include "app/chat/chat.h"
#include "app/documents/confined/parse_frame.h"
#include "app/documents/library.h"
#include "app/documents/url_fetcher.h"
#include "app/retrieval/retriever.h"
#include "app/usage/recorder.h"
#include "data/cassettes/writer.h"
#include "data/memory/streams.h"
#include "data/memory/traces.h"
#include "edge/edge.h"
#include "model/embedders/embedder_config.h"
#include "model/gateway.h"
#include "net/client.h"
#include "net/server.h"
#include "observe/log.h"

namespace weir::main {

// Parsed once, checked as a whole, then immutable.
struct Config {
  std::string data_dir = "weir-data";  // the one directory that holds state
  std::uint32_t loops = 0;             // event loops; 0: one for each core
  std::uint32_t workers = 0;           // threads for what blocks; 0: one for each core, at least two

  net::ServerConfig server;
  net::ClientConfig client;
  edge::EdgeConfig edge;
  data::MemoryStreamsConfig streams;
  data::MemoryTracesConfig traces;
  // No directory: nothing is recorded.
  data::CassetteWriterConfig cassettes{.directory_size_max = 1024 * 1024 * 1024};
  model::GatewayConfig gateway;
  model::EmbedderConfig embedder;
  app::ChatConfig chat;
  app::LibraryConfig library;
  app::UrlFetchConfig url_fetch;
  app::ParseLimits parse;             // of each process that reads a document
  std::uint32_t parse_processes = 0;  // at once; 0: one for each core
  app::RetrievalConfig retrieval;
  app::RecorderConfig recorder;
  observe::LogConfig log;
};

}  // namespace weir::main
