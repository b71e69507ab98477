#include "main/app.h"

#include "main/config/describe.h"
#include "main/config/load.h"
#include "model/embedders/find_model.h"
#include "model/embedders/local.h"
#include "model/providers/environment.h"
#include "net/spawn.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <thread>

namespace weir::main {
namespace {

constexpr std::size_t kWorkerQueueMax = 1'024;

// The processors that this process may use, which taskset or a container may have cut.
std::size_t usable_cores() {
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (sched_getaffinity(0, sizeof usable, &usable) != 0)
    return std::max(1U, std::thread::hardware_concurrency());
  return static_cast<std::size_t>(CPU_COUNT(&usable));
}

std::size_t or_cores(std::uint32_t configured, std::size_t at_least) {
  const std::size_t cores = usable_cores();
  return configured != 0 ? configured : std::max(cores, at_least);
}

// The signals that the main thread waits for; blocked in every thread, so that none is interrupted.
sigset_t served_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

// Waits up to a second for one of `signals`; 0 when none came.
int wait_one_second(const sigset_t& signals) {
  const timespec second{.tv_sec = 1, .tv_nsec = 0};
  const int signal = sigtimedwait(&signals, nullptr, &second);
  return signal > 0 ? signal : 0;
}

// Shells and service managers start processes with a soft limit of 1,024 descriptors, for programs that
// use select(); each client needs one and each call to the provider another.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int complain(const Error& error) {
  std::fprintf(stderr, "weir: %s\n", error.message.c_str());
  if (!error.hint.empty()) std::fprintf(stderr, "      %s\n", error.hint.c_str());
  return 1;
}

}  // namespace

struct App::Opened {
  explicit Opened(const Config& config) : log(config.log, clock) {}

  SystemClock clock;
  SystemRandom random;
  observe::Log log;
  std::unique_ptr<data::Database> database;
  std::unique_ptr<data::SqliteKeys> keys;
  std::unique_ptr<data::SpillFile> spill_file;
  std::unique_ptr<model::bert::Encoder> encoder;  // null: there is no model
};

namespace {

// A model that is named must be there; one that is looked for may be absent.
Result<std::unique_ptr<model::bert::Encoder>> open_encoder(const Config& config) {
  model::LocalEmbedderConfig local = config.embedder.local;
  local.model_directory = model::find_model(local.model_directory, config.data_dir);
  if (!local.model_directory.empty()) return model::load_encoder(local);
  if (config.embedder.local.model_directory.empty()) return nullptr;
  return fail(Code::not_found, "there is no model in " + config.embedder.local.model_directory,
              "embedder.model_directory (WEIR_MODEL_DIR) names a directory with a config.json");
}

// Whatever credential the process knows: none may get into a file.
std::vector<std::string> known_secrets(const Config& config) {
  std::vector<std::string> secrets;
  for (const model::ProviderConfig& provider : config.gateway.all_providers())
    secrets.emplace_back(provider.api_key.reveal());
  const model::ProcessEnvironment process_environment;
  const model::SecretFileEnvironment environment(process_environment);
  for (const std::string_view name : model::cloud_secret_variables())
    secrets.emplace_back(environment.variable_or(name, ""));
  for (const Secret& key : config.edge.static_keys) secrets.emplace_back(key.reveal());
  for (const Secret& pair : config.edge.signing_keys) {
    const std::string_view text = pair.reveal();
    secrets.emplace_back(text.substr(std::min(text.find('=') + 1, text.size())));
  }
  std::erase(secrets, "");
  return secrets;
}

std::unique_ptr<data::CassetteWriter> make_cassettes(const Config& config, Random& random, observe::Log& log,
                                                     observe::Metrics& metrics) {
  if (config.cassettes.directory.empty()) return nullptr;
  data::CassetteWriterConfig writing = config.cassettes;
  writing.redaction.texts = known_secrets(config);
  return std::make_unique<data::CassetteWriter>(std::move(writing), random, log, metrics);
}

}  // namespace

Result<std::unique_ptr<App>> App::build(Config config) {
  auto opened = std::make_unique<Opened>(config);
  auto database = data::Database::open({.directory = config.data_dir});
  if (!database) return fail(database);
  opened->database = *std::move(database);
  auto keys = data::SqliteKeys::open({}, *opened->database, opened->clock, opened->random);
  if (!keys) return fail(keys);
  opened->keys = *std::move(keys);
  auto spill_file = data::SpillFile::open(config.data_dir, config.streams.disk_max);
  if (!spill_file) return fail(spill_file);
  opened->spill_file = *std::move(spill_file);
  auto encoder = open_encoder(config);
  if (!encoder) return fail(encoder);
  opened->encoder = *std::move(encoder);
  auto exposed = check_exposure(config, opened->keys->any());
  if (!exposed) return fail(exposed);
  auto app = std::unique_ptr<App>(new App(std::move(config), std::move(opened)));
  if (app->cassettes_ != nullptr) {
    auto directory = app->cassettes_->open();
    if (!directory) return fail(directory);
  }
  return app;
}

App::App(Config config, std::unique_ptr<Opened> opened)
    : config_(std::move(config)),
      opened_(std::move(opened)),
      clock_(opened_->clock),
      random_(opened_->random),
      log_(opened_->log),
      health_(clock_),
      cassettes_(make_cassettes(config_, random_, log_, metrics_)),
      loops_(or_cores(config_.loops, 1)),
      workers_("worker", or_cores(config_.workers, 2), kWorkerQueueMax),
      parsers_("document reading", or_cores(config_.parse_processes, 1), kWorkerQueueMax),
      database_(*opened_->database),
      keys_(*opened_->keys),
      documents_({}, database_),
      ledger_(database_),
      limits_({}, clock_),
      streams_(std::move(opened_->spill_file), config_.streams, clock_, workers_, metrics_),
      traces_(config_.traces),
      objects_({}, database_),
      client_(config_.client, workers_, log_, metrics_),
      prices_(model::Prices::builtin()),
      usage_(config_.recorder, ledger_, log_, metrics_, health_),
      trace_keeper_(traces_),
      gateway_(config_.gateway, client_, prices_, usage_, clock_, random_, log_, metrics_, health_,
               config_.traces.memory_max > 0 ? &trace_keeper_ : nullptr),
      web_(net::guarded_client(config_.client, app::address_rule(config_.url_fetch), workers_, log_,
                               metrics_)),
      urls_(config_.url_fetch, *web_),
      reader_(config_.parse, clock_),
      library_(config_.library, documents_, reader_, parsers_, clock_, random_),
      ingestions_({}, library_, clock_, random_, log_),
      retriever_(config_.retrieval, documents_),
      model_port_(gateway_),
      chat_(config_.chat, retriever_, model_port_, log_, metrics_),
      edge_(config_.edge, {chat_, library_, gateway_, keys_, limits_, streams_, traces_, objects_, clock_,
                           random_, log_, metrics_, health_, cassettes_.get(), &urls_, &ingestions_}),
      server_(config_.server, loops_, edge_.handler(), clock_, log_, metrics_) {
  for (const std::string& secret : known_secrets(config_)) log_.redact(secret);
  metrics_
      .gauge("weir_build_info", "1, with the version and the fingerprint of the configuration",
             {{"version", WEIR_VERSION}, {"config", fingerprint(config_)}})
      .set(1);
  open_embedder();
  every_second();
}

void App::open_embedder() {
  if (opened_->encoder == nullptr) {
    health_.report("embedder", observe::HealthState::not_configured, "no model: search is by keywords alone",
                   false);
    return;
  }
  const model::LocalEmbedderConfig& local = config_.embedder.local;
  const std::size_t threads = or_cores(local.threads, 1);
  const std::string kernels(opened_->encoder->kernels().name);
  query_embedders_ = std::make_unique<net::WorkerPool>("query embedder", threads, local.queue_max);
  document_embedders_ = std::make_unique<net::WorkerPool>("document embedder", threads, local.queue_max,
                                                          net::ThreadPriority::background);
  embedder_ = std::make_unique<model::LocalEmbedder>(local, std::move(opened_->encoder), *query_embedders_,
                                                     *document_embedders_);
  health_.report("embedder", observe::HealthState::ok, embedder_->identity().model + " by " + kernels, false);
}

App::~App() {
  loops_.stop();
  loops_.join();
  // What did not end in time is suspended still, and holds of the services below: it goes before them, when
  // nobody can resume it any more.
  workers_.stop();
  parsers_.stop();
  documents_.stop();
  objects_.stop();
  for (const auto& pool : {query_embedders_.get(), document_embedders_.get()}) {
    if (pool != nullptr) pool->stop();
  }
  loops_.clear();
}

Result<> App::start() {
  auto started = server_.start();
  if (!started) return started;
  net::spawn(loops_.at(0).get_executor(), log_, "streams", [this] { return edge_.tend_streams(); });
  loops_.start();
  const bool asks_for_keys = keys_.any() || config_.edge.keys_required;
  log_.info("serving",
            {{"server.address", config_.server.address},
             {"server.port", server_.port()},
             {"data_dir", config_.data_dir},
             {"anthropic", gateway_.configured() ? "configured" : "no key: answers are quotes"},
             {"embedder", embedder_ ? embedder_->identity().model : "no model: keyword search only"},
             {"keys", asks_for_keys ? "required" : "none: loopback only"}});
  return {};
}

std::size_t App::run_until_signal() {
  const sigset_t signals = served_signals();
  while (true) {
    const int signal = wait_one_second(signals);
    if (signal == SIGHUP) {
      auto reloaded = server_.reload_tls();
      if (!reloaded) log_.error("the certificate was not reloaded", {{"error", reloaded.error().message}});
    } else if (signal != 0) {
      break;
    }
    every_second();
  }
  health_.start_draining();
  log_.info("draining", {{"connections", server_.connections()}});
  // A second signal ends the process at once, by its default action.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  const Monotonic until = clock_.monotonic() + config_.server.drain_timeout;
  const std::size_t cut = server_.drain();
  // Nobody can come back for these any more, but what they cost is settled, and a client that reads one
  // has it to its end.
  const std::size_t aborted = edge_.drain_streams(std::max(Monotonic(0), until - clock_.monotonic()));
  log_.info("drained", {{"requests_cut", cut}, {"streams_aborted", aborted}});
  return cut;
}

void App::every_second() {
  auto refreshed = keys_.refresh_if_changed();
  if (refreshed) {
    health_.report("database", observe::HealthState::ok, "answers", true);
  } else {
    // What SQLite said is the operator's to read, and health is open to everybody.
    health_.report("database", observe::HealthState::failed, "does not answer; the log says why", true);
    if (database_answers_) log_.error("the database does not answer", {{"error", refreshed.error().message}});
  }
  database_answers_ = refreshed.has_value();
  limits_.release_passed();
  streams_.release_expired();
}

int run_server(const Config& config) {
  const sigset_t signals = served_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  raise_descriptor_limit();
  auto app = App::build(config);
  if (!app) return complain(app.error());
  auto started = (*app)->start();
  if (!started) return complain(started.error());
  (*app)->run_until_signal();
  return 0;
}

}  // namespace weir::main
