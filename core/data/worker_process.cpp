#include <bisque/core/data/worker_process.h>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include <bisque/core/data/codec.h>
#include <bisque/core/data/forbid_cuda.h>
#include <bisque/core/data/random.h>
#include <bisque/core/data/shared_blocks.h>
#include <bisque/core/data/worker_info.h>

namespace bisque::data {
namespace {

int parent_of_worker = 0;

/// Called when the thread that made this process has ended. The parent may still run with other threads.
void end_without_parent(int) {
  if (getppid() != parent_of_worker) _exit(0);
}

class Worker {
 public:
  Worker(const WorkerProcess& about, Channel channel)
      : about_(about),
        channel_(std::move(channel)),
        blocks_([this](uint64_t id, int file, size_t size) { announce(id, file, size); }) {}

  void run() {
    const BatchMemoryScope memory(&blocks_);
    while (const auto message = channel_.receive()) {
      Decoder from(message->bytes.data(), message->bytes.size(), {});
      if (from.get<ToWorker>() == ToWorker::kEpoch) {
        start_epoch(from);
      } else {
        carry_out_task(from);
      }
    }
  }

 private:
  void start_epoch(Decoder& from) {
    epoch_ = from.get<int64_t>();
    const auto base_seed = from.get<int64_t>();
    start_ = get_place(from);
    runner_.emplace(about_.source, start_);
    if (from.get<bool>()) become_new(base_seed + about_.id);
  }

  void become_new(int64_t seed) {
    scope_.reset();
    info_ = {about_.id, about_.num_workers, seed, make_generator(seed), WorkerKind::kProcess};
    scope_ = std::make_unique<WorkerInfoScope>(info_);
    // at::manual_seed would also seed CUDA.
    auto generator = at::detail::getDefaultCPUGenerator();
    generator.set_current_seed(static_cast<uint64_t>(seed));
    broken_.reset();
    try {
      if (about_.init) about_.init(about_.id);
    } catch (...) {
      broken_ = current_failure();
    }
  }

  void carry_out_task(Decoder& from) {
    Task task{from.get<int64_t>(), from.get<int64_t>(), {}, from.get<int64_t>()};
    for (auto count = from.get<uint64_t>(); count > 0; --count) blocks_.give_back(from.get<uint64_t>());
    for (auto count = from.get<uint64_t>(); count > 0; --count) blocks_.discard(from.get<uint64_t>());
    task.indices.resize(from.left() / sizeof(int64_t));
    for (int64_t& index : task.indices) index = from.get<int64_t>();
    if (task.epoch != about_.position->epoch.load()) return;
    try {
      reply(outcome_of(std::move(task)));
    } catch (const Dropped&) {
      return;  // it is no longer needed
    }
  }

  Outcome outcome_of(Task task) {
    if (!broken_) return runner_->run(std::move(task), *about_.position, about_.id);
    return {about_.id, std::move(task), nullptr, /*has_ended=*/true, start_, broken_};
  }

  void reply(Outcome outcome) {
    Encoder batch(&blocks_);
    if (outcome.batch) {
      try {
        about_.source->encode(outcome.batch.get(), batch);
      } catch (...) {
        for (const uint64_t block : batch.blocks()) blocks_.give_back(block);
        batch = Encoder(nullptr);
        outcome.failure = current_failure();
      }
    }
    outcome.batch.reset();
    Encoder to(nullptr);
    to.put(FromWorker::kOutcome);
    to.put(outcome.task.epoch);
    to.put(outcome.task.ticket);
    to.put(outcome.failure ? OutcomeKind::kFailed : outcome.has_ended ? OutcomeKind::kEnded : OutcomeKind::kBatch);
    put_place(to, outcome.place);
    put_ids(to, blocks_.drop_spare());
    if (outcome.failure) {
      to.put(outcome.has_ended);
      to.put(outcome.failure->index);
      to.put_text(outcome.failure->message);
    } else {
      put_ids(to, batch.blocks());
      to.put_bytes(batch.bytes().data(), batch.bytes().size());
    }
    about_.position->ticket.store(-1);  // a message sent now is not lost with the worker
    send(to.bytes(), -1);
  }

  static void put_ids(Encoder& to, const std::vector<uint64_t>& ids) {
    to.put(static_cast<uint64_t>(ids.size()));
    for (const uint64_t id : ids) to.put(id);
  }

  void announce(uint64_t id, int file, size_t size) {
    Encoder to(nullptr);
    to.put(FromWorker::kBlock);
    to.put(id);
    to.put(static_cast<uint64_t>(size));
    send(to.bytes(), file);
  }

  void send(const std::vector<std::byte>& bytes, int file) {
    if (!channel_.send(bytes, file)) throw Dropped();
  }

  const WorkerProcess& about_;
  Channel channel_;
  SharedBlocks blocks_;
  WorkerInfo info_;
  std::unique_ptr<WorkerInfoScope> scope_;
  StreamPlace start_;
  std::optional<TaskRunner> runner_;
  int64_t epoch_ = -1;
  std::optional<Failure> broken_;
};

void put_records(Encoder& to, const std::vector<int64_t>& records) {
  to.put(static_cast<uint64_t>(records.size()));
  for (const int64_t record : records) to.put(record);
}

std::vector<int64_t> get_records(Decoder& from) {
  std::vector<int64_t> records(from.get<uint64_t>());
  for (int64_t& record : records) record = from.get<int64_t>();
  return records;
}

}  // namespace

void put_place(Encoder& to, const StreamPlace& place) {
  to.put(place.consumed);
  put_records(to, place.failed);
  put_records(to, place.fatal);
}

StreamPlace get_place(Decoder& from) {
  StreamPlace place;
  place.consumed = from.get<int64_t>();
  place.failed = get_records(from);
  place.fatal = get_records(from);
  return place;
}

void run_worker_process(const WorkerProcess& worker, Channel channel) {
  // A thread pool does not survive a fork: an op that used it would wait forever.
  at::set_num_threads(1);
  forbid_cuda();
  parent_of_worker = worker.parent;
  struct sigaction action {};
  action.sa_handler = end_without_parent;
  action.sa_flags = SA_RESTART;
  sigaction(SIGRTMAX, &action, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGRTMAX);
  if (getppid() != worker.parent) _exit(0);
  int status = 0;
  try {
    // Never destroyed: tensors that the dataset keeps may be in its blocks.
    auto* server = new Worker(worker, std::move(channel));
    server->run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "DataLoader: worker %d: %s\n", worker.id, error.what());
    status = 1;
  } catch (...) {
    status = 1;  // the parent has ended
  }
  std::fflush(stdout);
  _exit(status);
}

}  // namespace bisque::data
