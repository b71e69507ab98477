// The table of everything that can be set. Adding a setting is one line here: the loader, the checks,
// `weir config` and docs/configuration.md follow from it.
#include "main/config/setting.h"

#include <algorithm>

#include "main/config/text_checks.h"

namespace weir::main {
namespace {

constexpr std::int64_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;
constexpr std::int64_t kSecond = 1'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;

constexpr Bounds number(std::int64_t min, std::int64_t max) {
  return {min, max, Unit::none};
}
constexpr Bounds size(std::int64_t min, std::int64_t max) {
  return {min, max, Unit::bytes};
}
constexpr Bounds duration(std::int64_t min, std::int64_t max) {
  return {min, max, Unit::none};
}
constexpr Bounds kAny{};

#define AT(member) [](Config& c, Row) -> Target { return &c.member; }

// clang-format off
constexpr Setting kSettings[] = {
  {"data_dir", AT(data_dir), kAny,
   "The one directory that holds Weir's state; made when it is missing.", "WEIR_DATA", "--data", not_empty},

  {"server.listen", [](Config& c, Row) -> Target { return ListenTarget{&c.server.address, &c.server.port}; }, kAny,
   "Address and port to listen on; any address but loopback needs an API key.", "WEIR_LISTEN", "--listen"},
  {"server.tls_certificate_file", AT(server.tls_certificate_file), kAny,
   "PEM file with the certificate chain; read again when it changes."},
  {"server.tls_key_file", AT(server.tls_key_file), kAny, "PEM file with the certificate's private key."},
  {"server.loops", AT(loops), number(0, 256), "Event loops; 0 is one for each core."},
  {"server.workers", AT(workers), number(0, 256),
   "Threads for blocking work; 0 is one for each core, at least two."},
  {"server.connections_max", AT(server.connections_max), number(1, 1'000'000),
   "Open connections; further ones are refused."},
  {"server.head_size_max", AT(server.head_size_max), size(kKiB, kMiB), "Request line and fields together."},
  {"server.fields_max", AT(server.fields_max), number(8, 1'000), "Fields of one request."},
  {"server.target_size_max", AT(server.target_size_max), size(256, 64 * kKiB),
   "Path and query of one request."},
  {"server.body_size_max", AT(server.body_size_max), size(kKiB, 64 * kGiB),
   "The largest body on any route; a route may allow less."},
  {"server.body_drain_max", AT(server.body_drain_max), size(0, 16 * kMiB),
   "Unread bytes of a body that are skipped to keep the connection."},
  {"server.body_rate_min", AT(server.body_rate_min), size(0, kMiB),
   "Bytes per second that a body must average after five seconds."},
  {"server.head_timeout", AT(server.head_timeout), duration(100, kHour),
   "From the first byte to the end of the request's head, TLS included."},
  {"server.body_idle_timeout", AT(server.body_idle_timeout), duration(100, kHour),
   "Longest pause within a request's body."},
  {"server.write_timeout", AT(server.write_timeout), duration(100, kHour),
   "Longest time in which a client takes nothing of its answer."},
  {"server.idle_timeout", AT(server.idle_timeout), duration(100, kHour),
   "How long a connection may wait for its next request."},
  {"server.drain_timeout", AT(server.drain_timeout), duration(0, 24 * kHour),
   "How long running requests may take to finish after SIGTERM."},
  {"server.h2_streams_max", AT(server.h2_streams_max), number(1, 10'000),
   "Concurrent HTTP/2 streams of one connection."},
  {"server.h2_stream_window", AT(server.h2_stream_window_bytes), size(16 * kKiB, 16 * kMiB),
   "HTTP/2 receive window of one stream."},
  {"server.h2_connection_window", AT(server.h2_connection_window_bytes), size(64 * kKiB, 64 * kMiB),
   "HTTP/2 receive window of one connection."},
  {"server.h2_abuse_frames_max", AT(server.h2_abuse_frames_max), number(16, 100'000),
   "HTTP/2 frames that cost a client nothing, before its connection is closed."},

  {"edge.allowed_origins", AT(edge.allowed_origins), kAny,
   "Origins whose browsers may call (CORS), exact: scheme://host[:port].", "ALLOWED_ORIGINS", {}, exact_origin},
  {"edge.api_keys", AT(edge.static_keys), kAny,
   "Keys that callers may use, beside those of `weir keys`.", "VALID_API_KEYS"},
  {"edge.signing_keys", AT(edge.signing_keys), kAny,
   "ID=SECRET: keys with which callers of Bedrock's API may sign their requests (SigV4).", "WEIR_SIGNING_KEYS",
   {}, signing_pair},
  {"edge.trusted_proxies", AT(edge.trusted_proxies), kAny,
   "Addresses or networks whose X-Forwarded-For is believed."},
  {"edge.rate_limit",
   [](Config& c, Row) -> Target { return RateTarget{&c.edge.rate_limit_enabled, &c.edge.rate_limit}; }, kAny,
   "Requests per client address in a sliding window, or \"off\".", "WEIR_RATE_LIMIT"},
  {"edge.in_flight_max", AT(edge.in_flight_max), number(1, 1'000'000),
   "Requests being answered at once; more are refused with 503."},
  {"edge.chat_body_size_max", AT(edge.chat_body_size_max), size(kKiB, 64 * kMiB),
   "The largest body of a chat request."},
  {"edge.messages_body_size_max", AT(edge.messages_body_size_max), size(kKiB, kGiB),
   "The largest body of /v1/messages; Anthropic's own limit is 32 MiB."},
  {"edge.document_body_size_max", AT(edge.document_body_size_max), size(kKiB, kGiB), "The largest document."},
  {"edge.batch_body_size_max", AT(edge.batch_body_size_max), size(kKiB, 64 * kGiB),
   "The largest body of /v1/messages/batches; Anthropic's own limit is 256 MiB."},
  {"edge.file_body_size_max", AT(edge.file_body_size_max), size(kKiB, 64 * kGiB),
   "The largest upload to /v1/files and to whatever else of Anthropic's API is passed on."},
  {"edge.organization_api", AT(edge.organization_api), kAny,
   "Pass on /v1/organizations/..., with which the provider's account is administered."},
  {"edge.body_memory_max", AT(edge.body_memory_max), size(kMiB, 1024 * kGiB),
   "Request bodies in memory at once; more are refused with 503."},
  {"edge.message_chars_max", AT(edge.message_chars_max), number(1, 1'000'000),
   "Characters (Unicode code points) of a chat message."},
  {"edge.json_depth_max", AT(edge.json_depth_max), number(4, 512), "Nesting of a JSON body."},
  {"edge.hsts", AT(edge.hsts), kAny, "Send Strict-Transport-Security."},

  {"streams.grace", AT(edge.resume.grace), duration(0, 24 * kHour),
   "How long a streamed answer goes on when its client is lost and may come back for the rest; 0 is not at all, "
   "but for requests that ask for it."},
  {"streams.resume_grace", AT(edge.resume.resume_grace), duration(1, 24 * kHour),
   "The same for requests that ask by x-weir-resume and name no time."},
  {"streams.grace_max", AT(edge.resume.grace_max), duration(0, 24 * kHour),
   "The longest that a request may ask for."},
  {"streams.keep", AT(streams.keep), duration(0, 24 * kHour),
   "How long a resumable answer is kept after its end."},
  {"streams.streams_max", AT(streams.streams_max), number(1, 1'000'000),
   "Resumable answers that are held at once; further ones are not resumable."},
  {"streams.stream_memory_max", AT(streams.stream_memory_max), size(64 * kKiB, kGiB),
   "Memory of one resumable answer; the rest of it goes to a file of the data directory."},
  {"streams.stream_size_max", AT(streams.stream_size_max), size(kMiB, 64 * kGiB),
   "One resumable answer in memory and file; beyond it its oldest events are forgotten."},
  {"streams.memory_max", AT(streams.memory_max), size(kMiB, 1'024 * kGiB), "Memory of all resumable answers."},
  {"streams.disk_max", AT(streams.disk_max), size(0, 1'024 * kGiB), "The file of all resumable answers."},

  {"explain.memory_max", AT(traces.memory_max), size(0, 16 * kGiB),
   "Memory for what GET /api/requests/{id} tells of the newest requests, about 1 KiB each; 0 keeps nothing."},

  {"record.directory", AT(cassettes.directory), kAny,
   "Keep chosen exchanges there as cassettes, without their secrets; empty keeps nothing."},
  {"record.paths", AT(edge.recording.paths), kAny, "Record only these paths (globs)."},
  {"record.keys", AT(edge.recording.keys), kAny, "Record only calls with these keys, by their ids."},
  {"record.headers", AT(edge.recording.headers), kAny,
   "Record only requests that have these fields, each as \"name: glob\".", {}, {}, header_pattern},
  {"record.models", AT(edge.recording.models), kAny, "Record only calls of these models (globs)."},
  {"record.one_in", AT(edge.recording.one_in), number(1, 1'000'000),
   "Record one in so many of those that are chosen, at random."},
  {"record.redact", AT(cassettes.redaction.names), kAny,
   "Further headers, query parameters and JSON members whose values are secret."},
  {"record.exchange_size_max", AT(edge.recording.exchange_size_max), size(kKiB, kGiB),
   "Request and answer together; larger exchanges are not kept."},
  {"record.queue_max", AT(cassettes.queue_size_max), size(kMiB, 16 * kGiB),
   "Bytes of exchanges that wait to be written; further ones are dropped and counted."},
  {"record.directory_size_max", AT(cassettes.directory_size_max), size(kMiB, 1'024 * kGiB),
   "Bytes of all cassettes in the directory; then recording ends."},

  {"anthropic.api_key", AT(gateway.anthropic.api_key), kAny,
   "Key for Claude; without one, answers are quotes from the documents.", "ANTHROPIC_API_KEY"},
  {"anthropic.base_url", AT(gateway.anthropic.base_url), kAny,
   "Where the Messages API is.", "ANTHROPIC_BASE_URL", {}, http_url},
  {"anthropic.http2", AT(client.http2), kAny,
   "Call over HTTP/2 where the API's server offers it, many calls on one connection."},
  {"anthropic.tries_max", AT(gateway.retry.tries_max), number(1, 10),
   "Tries of one call, the first included; this and what follows holds for every provider."},
  {"anthropic.retry_base", AT(gateway.retry.base), duration(1, kMinute),
   "The first pause before a further try; doubled each time, with full jitter."},
  {"anthropic.retry_delay_max", AT(gateway.retry.delay_max), duration(1, kHour), "The longest such pause."},
  {"anthropic.retry_after_max", AT(gateway.retry.retry_after_max), duration(0, kHour),
   "A provider that asks for a longer pause is not tried again."},
  {"anthropic.connect_timeout", AT(gateway.connect_timeout), duration(10, 5 * kMinute),
   "DNS, TCP and TLS together."},
  {"anthropic.first_token_timeout", AT(gateway.first_token_timeout), duration(100, kHour),
   "From the request sent to the first byte of the answer, or the first event of a stream."},
  {"anthropic.idle_timeout", AT(gateway.idle_timeout), duration(100, kHour),
   "Longest pause within an answer."},
  {"anthropic.total_timeout", AT(gateway.total_timeout), duration(kSecond, 24 * kHour),
   "One call from its first try to its last byte."},

  {"openai.api_key", AT(gateway.openai.api_key), kAny,
   "Key for OpenAI; OpenAI-compatible servers of one's own need none.", "OPENAI_API_KEY"},
  {"openai.base_url", AT(gateway.openai.base_url), kAny,
   "Where the OpenAI-compatible API is, with or without /v1; empty is OpenAI's own.", "OPENAI_BASE_URL", {},
   empty_or_http_url},

  {"bedrock.enabled", AT(gateway.bedrock.wanted), kAny,
   "Make the provider \"bedrock\" with whatever credentials AWS's SDKs would find.", "CLAUDE_CODE_USE_BEDROCK"},
  {"bedrock.api_key", AT(gateway.bedrock.api_key), kAny,
   "Key for Amazon Bedrock; makes the provider \"bedrock\".", "AWS_BEARER_TOKEN_BEDROCK"},
  {"bedrock.region", AT(gateway.bedrock.region), kAny, "AWS region, such as us-east-1.", "AWS_REGION"},
  {"bedrock.base_url", AT(gateway.bedrock.base_url), kAny, "Where Bedrock is; empty: by its region.",
   "ANTHROPIC_BEDROCK_BASE_URL", {}, empty_or_http_url},

  {"vertex.enabled", AT(gateway.vertex.wanted), kAny,
   "Make the provider \"vertex\", with the project of the credentials.", "CLAUDE_CODE_USE_VERTEX"},
  {"vertex.project", AT(gateway.vertex.project), kAny,
   "Google Cloud project; makes the provider \"vertex\".", "ANTHROPIC_VERTEX_PROJECT_ID"},
  {"vertex.region", AT(gateway.vertex.region), kAny, "Region of Vertex AI, such as global, us or eu.",
   "CLOUD_ML_REGION"},
  {"vertex.base_url", AT(gateway.vertex.base_url), kAny,
   "Where Vertex AI is, with /v1; empty: by its region.", "ANTHROPIC_VERTEX_BASE_URL", {}, empty_or_http_url},

  {"foundry.enabled", AT(gateway.foundry.wanted), kAny,
   "Make the provider \"foundry\" with an application of Entra ID.", "CLAUDE_CODE_USE_FOUNDRY"},
  {"foundry.api_key", AT(gateway.foundry.api_key), kAny,
   "Key for Azure AI Foundry; makes the provider \"foundry\".", "ANTHROPIC_FOUNDRY_API_KEY"},
  {"foundry.resource", AT(gateway.foundry.resource), kAny,
   "The Foundry resource: the first part of its host name.", "ANTHROPIC_FOUNDRY_RESOURCE"},
  {"foundry.base_url", AT(gateway.foundry.base_url), kAny,
   "Where Foundry is, with /anthropic; empty: by its resource.", "ANTHROPIC_FOUNDRY_BASE_URL", {},
   empty_or_http_url},

  {"resilience.breaker_window", AT(gateway.breaker.window), duration(100, kHour),
   "Over which a breaker counts tries; there is one for each provider and model."},
  {"resilience.breaker_tries_min", AT(gateway.breaker.tries_min), number(1, 1'000'000),
   "Fewer tries in the window open no breaker."},
  {"resilience.breaker_failures_percent", AT(gateway.breaker.failures_percent), number(1, 100),
   "So many of them failed: the breaker opens."},
  {"resilience.breaker_open_for", AT(gateway.breaker.open_for), duration(10, kHour),
   "How long an open breaker lets nothing through; then one probe at a time."},
  {"resilience.breaker_probes_to_close", AT(gateway.breaker.probes_to_close), number(1, 100),
   "Probes in a row that close it again."},
  {"resilience.retry_budget_percent", AT(gateway.retry_budget.percent), number(0, 1'000),
   "Tries beyond the first that all calls together may make, in percent of the calls."},
  {"resilience.retries_per_second_min", AT(gateway.retry_budget.per_second_min), number(0, 100'000),
   "So many are allowed in any case."},
  {"resilience.retries_saved_max", AT(gateway.retry_budget.saved_max), number(1, 1'000'000),
   "Unused ones are saved up to this."},
  {"resilience.in_flight_min", AT(gateway.admission.limit.min), number(1, 100'000),
   "The adaptive limit of a provider never falls below this."},
  {"resilience.waiting_max", AT(gateway.admission.waiting_max), number(0, 1'000'000),
   "Calls that wait for one provider; more are shed."},
  {"resilience.wait_max", AT(gateway.admission.wait_max), duration(0, kHour), "The longest such wait."},
  {"resilience.sessions_max", AT(gateway.affinity.sessions_max), number(16, 10'000'000),
   "Sessions whose warm prompt cache is remembered."},
  {"resilience.warm_for", AT(gateway.affinity.warm_for), duration(kSecond, 24 * kHour),
   "How long a provider keeps a prompt cache warm."},
  {"resilience.ping_interval", AT(gateway.ping_interval), duration(100, kHour),
   "Silence after which a client gets a ping where its provider sends none."},

  {"chat.model", AT(chat.model), kAny, "The model that answers /api/chat.", {}, {}, not_empty},
  {"chat.max_tokens", AT(chat.max_tokens), number(1, 128'000), "Longest answer, in tokens."},
  {"chat.system_prompt", AT(chat.system_prompt), kAny, "Instructions that are added to Weir's own."},
  {"chat.history_turns_max", AT(chat.history_turns_max), number(0, 1'000),
   "Earlier turns of a conversation that the model sees."},

  {"documents.chunk_target_chars", AT(library.chunk_target_chars), number(100, 20'000),
   "Aimed-at length of a passage, in characters; holds for documents added from then on."},
  {"documents.url_hosts_allowed", AT(url_fetch.hosts_allowed), kAny,
   "Hosts, some with a port, that documents may be taken from though their addresses are not public."},
  {"documents.url_timeout", AT(url_fetch.timeout), duration(100, kHour),
   "For connecting to a document's URL, and for each silence of it."},
  {"documents.parse_processes", AT(parse_processes), number(0, 256),
   "Documents that are read at once, each by a confined process; 0 is one for each core."},
  {"documents.parse_memory_max", AT(parse.memory_max), size(16 * kMiB, 64 * kGiB),
   "Memory that reading one document may take beside the file itself."},
  {"documents.parse_cpu_seconds_max", AT(parse.cpu_seconds_max), number(1, 3'600),
   "Processor time that reading one document may take, in seconds."},
  {"documents.parse_seconds_max", AT(parse.wall_seconds_max), number(1, 3'600),
   "Time that reading one document may take, in seconds."},

  {"embedder.model_directory", AT(embedder.local.model_directory), kAny,
   "Directory of a BERT encoder as Hugging Face lays it out; empty: looked for in the data directory, beside the "
   "binary and in /usr/share/weir.", "WEIR_MODEL_DIR"},
  {"embedder.model_sha256", AT(embedder.local.model_sha256), kAny,
   "SHA-256 that its model.safetensors must have; empty: any.", {}, {}, empty_or_sha256},
  {"embedder.kernels", AT(embedder.local.kernels), kAny,
   "How it computes: auto, plain, avx2, avx512, or avx512_vnni, which alone computes in int8; auto is the fastest "
   "that the processor has.", {}, {}, kernels_name},
  {"embedder.threads", AT(embedder.local.threads), number(0, 256),
   "Threads that embed documents, and as many that embed queries; 0 is one for each core."},
  {"embedder.queue_max", AT(embedder.local.queue_max), number(1, 1'000'000),
   "Calls that may wait for such a thread; further ones are refused."},
  {"embedder.batch_tokens", AT(embedder.local.batch_tokens), number(16, 1'000'000),
   "Tokens that one thread encodes at a time."},

  {"retrieval.passages_max", AT(retrieval.passages_max), number(1, 100),
   "Passages that one answer may draw on."},
  {"retrieval.context_chars_max", AT(retrieval.context_chars_max), number(500, 1'000'000),
   "Length of those passages together, in characters."},

  {"usage.flush_interval", AT(recorder.flush_interval), duration(1, kMinute),
   "How often ledger rows are written; a crash loses at most this much."},
  {"usage.queue_max", AT(recorder.queue_max), number(100, 10'000'000),
   "Ledger rows that may wait to be written."},

  {"log.level", AT(log.level), kAny, "The least severe entries that are written.", "WEIR_LOG_LEVEL"},
  {"log.format", AT(log.format), kAny,
   "How entries look; auto is pretty on a terminal and json elsewhere.", "WEIR_LOG_FORMAT"},
  {"log.queue_max", AT(log.queue_max), number(100, 10'000'000),
   "Entries that may wait to be written; further ones are dropped and counted."},
};
// clang-format on

#undef AT

}  // namespace

std::span<const Setting> settings() {
  return kSettings;
}

const Setting* find_setting(std::string_view key) {
  const auto* const found = std::ranges::find(kSettings, key, &Setting::key);
  return found == std::end(kSettings) ? nullptr : found;
}

}  // namespace weir::main
