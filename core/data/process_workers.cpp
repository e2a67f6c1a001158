// Worker processes: forked when the loader is made, and again when one is lost.
#include <ATen/CPUGeneratorImpl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <mutex>
#include <new>
#include <set>
#include <thread>
#include <unordered_map>

#include <bisque/core/data/codec.h>
#include <bisque/core/data/shared_blocks.h>
#include <bisque/core/data/worker_pool.h>
#include <bisque/core/data/worker_process.h>

namespace bisque::data {
namespace {

/// The parent's ends of all sockets of the process: a worker closes them, otherwise it would keep others' open.
struct Sockets {
  std::mutex mutex;
  std::set<int> open;
};
Sockets& sockets() {
  static auto* all = new Sockets;  // workers may be stopped by static destructors
  return *all;
}

/// Blocks that batches no longer use, until the worker is notified.
struct GivenBack {
  std::mutex mutex;
  std::vector<uint64_t> ids;
};

/// A block on the parent's side.
struct ParentBlock {
  std::shared_ptr<SharedMapping> mapping;  // null if it could not be mapped
  std::string error;                       // the reason
};

/// Keeps a block alive for a batch. It may outlive the loader.
struct Hold {
  std::shared_ptr<SharedMapping> mapping;
  std::shared_ptr<GivenBack> given_back;
  uint64_t id;
  Hold(std::shared_ptr<SharedMapping> memory, std::shared_ptr<GivenBack> back, uint64_t block)
      : mapping(std::move(memory)), given_back(std::move(back)), id(block) {}
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold() {
    const std::scoped_lock lock(given_back->mutex);
    given_back->ids.push_back(id);
  }
};

struct Child {
  int pid = -1;
  Channel channel;
  std::unordered_map<uint64_t, ParentBlock> blocks;
  std::vector<uint64_t> unusable;  // blocks that could not be mapped, until the worker is notified
  std::shared_ptr<GivenBack> given_back;
  std::deque<Task> tasks;  // pending tasks
  StreamPlace place;       // after the last completed task
  int deaths = 0;          // since its last batch
  int idle_deaths = 0;     // the most recent of these before it began a task
};

constexpr int kMostDeaths = 10;
constexpr int kMostIdleDeaths = 2;

std::string describe_status(int status) {
  std::ostringstream text;
  if (WIFSIGNALED(status)) {
    text << "was killed by signal " << WTERMSIG(status) << " (" << strsignal(WTERMSIG(status)) << ")";
  } else {
    text << "ended with exit status " << WEXITSTATUS(status);
  }
  return text.str();
}

class ProcessWorkers : public WorkerPool {
 public:
  ProcessWorkers(std::shared_ptr<const BatchSource> source, const DataLoaderOptions& options)
      : source_(std::move(source)),
        init_(options.worker_init_fn),
        is_persistent_(options.persistent_workers),
        children_(static_cast<size_t>(options.num_workers)) {
    const size_t size = children_.size() * sizeof(Position);
    void* shared = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) fail("DataLoader: cannot map shared memory: ", std::strerror(errno), ".");
    positions_ = static_cast<Position*>(shared);
    for (size_t i = 0; i < children_.size(); ++i) new (positions_ + i) Position;
    try {
      for (size_t i = 0; i < children_.size(); ++i) spawn(i);
    } catch (...) {
      stop();
      throw;
    }
  }
  ProcessWorkers(const ProcessWorkers&) = delete;
  ProcessWorkers& operator=(const ProcessWorkers&) = delete;
  ~ProcessWorkers() override { stop(); }

  void start_epoch(const EpochStart& epoch) override {
    const bool is_first = epoch_.number < 0;
    epoch_ = epoch;
    ready_.clear();
    for (size_t i = 0; i < children_.size(); ++i) {
      positions_[i].epoch.store(epoch.number);
      children_[i].tasks.clear();
      children_[i].place = epoch.places[i];
      children_[i].deaths = children_[i].idle_deaths = 0;
      send_epoch(i, is_first || !is_persistent_);
    }
  }

  void submit(int worker, Task task) override {
    Child& child = children_[static_cast<size_t>(worker)];
    send_task(static_cast<size_t>(worker), task);
    child.tasks.push_back(std::move(task));
  }

  std::optional<Outcome> wait(double seconds) override {
    using Clock = std::chrono::steady_clock;
    const auto until =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    while (ready_.empty()) {
      int milliseconds = -1;
      if (seconds > 0) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0) return std::nullopt;
        milliseconds = static_cast<int>(std::min<int64_t>(left, 1000000));
      }
      read_some(milliseconds);
    }
    Outcome outcome = std::move(ready_.front());
    ready_.pop_front();
    return outcome;
  }

  void end_epoch() override {
    for (size_t i = 0; i < children_.size(); ++i) {
      positions_[i].epoch.store(-1);
      children_[i].tasks.clear();
    }
    ready_.clear();
  }

  const Position& position(int worker) const override { return positions_[worker]; }

 private:
  void spawn(size_t i) {
    Child& child = children_[i];
    int ends[2];
    std::fflush(stdout);  // otherwise the child would write it again
    std::unique_lock lock(sockets().mutex);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      fail("DataLoader: cannot make a socket for worker ", i, ": ", std::strerror(errno), ".");
    }
    Channel ours(ends[0]), theirs(ends[1]);
    // Otherwise, another thread that draws random numbers now would leave the child's generator locked forever.
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    std::unique_lock drawing(generator.mutex());
    const int parent = getpid(), pid = fork();
    if (pid < 0) fail("DataLoader: cannot fork worker ", i, ": ", std::strerror(errno), ".");
    if (pid == 0) {
      for (const int socket : std::exchange(sockets().open, {})) ::close(socket);
      lock.unlock();
      drawing.unlock();
      ours.close();
      run_worker_process(
          {static_cast<int>(i), static_cast<int>(children_.size()), source_, init_, positions_ + i, parent},
          std::move(theirs));
    }
    sockets().open.insert(ends[0]);
    child.pid = pid;
    child.channel = std::move(ours);
    child.blocks.clear();
    child.unusable.clear();
    child.given_back = std::make_shared<GivenBack>();
  }

  /// Returns false if it has ended.
  bool send(size_t i, const Encoder& message) {
    Child& child = children_[i];
    return child.channel.send(message.bytes(), -1, [&] {
      // It may wait for the parent to read its output.
      pollfd end{child.channel.socket(), POLLIN | POLLOUT, 0};
      poll(&end, 1, -1);
      if (end.revents & POLLIN) read_message(i, false);
    });
  }

  void send_epoch(size_t i, bool as_new) {
    Encoder to(nullptr);
    to.put(ToWorker::kEpoch);
    to.put(epoch_.number);
    to.put(epoch_.base_seed);
    put_place(to, children_[i].place);
    to.put(as_new);
    send(i, to);  // its end is detected when its answers are read
  }

  void send_task(size_t i, const Task& task) {
    Child& child = children_[i];
    std::vector<uint64_t> given_back;
    {
      const std::scoped_lock lock(child.given_back->mutex);
      given_back.swap(child.given_back->ids);
    }
    Encoder to(nullptr);
    to.put(ToWorker::kTask);
    to.put(task.epoch);
    to.put(task.ticket);
    to.put(task.count);
    to.put(static_cast<uint64_t>(given_back.size()));
    for (const uint64_t id : given_back) to.put(id);
    to.put(static_cast<uint64_t>(child.unusable.size()));
    for (const uint64_t id : std::exchange(child.unusable, {})) to.put(id);
    to.put_bytes(task.indices.data(), task.indices.size() * sizeof(int64_t));
    send(i, to);
  }

  /// Waits for messages and reads one from each worker that has some.
  void read_some(int milliseconds) {
    for (size_t i = 0; i < children_.size(); ++i) {
      // The system rejected a fork before, or the process had ended too often without a task.
      if (children_[i].pid < 0 && !children_[i].tasks.empty()) respawn(i);
    }
    std::vector<pollfd> ends;
    for (const Child& child : children_) ends.push_back({child.channel.socket(), POLLIN, 0});
    if (poll(ends.data(), ends.size(), milliseconds) <= 0) return;
    for (size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].revents != 0) read_message(i, true);
    }
  }

  void read_message(size_t i, bool replaces_lost) {
    Child& child = children_[i];
    auto message = child.channel.receive();
    if (!message) {
      if (replaces_lost) replace(i);
      return;
    }
    Decoder from(message->bytes.data(), message->bytes.size(), {});
    if (from.get<FromWorker>() == FromWorker::kBlock) {
      const auto id = from.get<uint64_t>();
      const auto size = static_cast<size_t>(from.get<uint64_t>());
      add_block(child, id, message->file, size);
    } else {
      read_outcome(i, from);
    }
  }

  static void add_block(Child& child, uint64_t id, int file, size_t size) {
    ParentBlock& block = child.blocks[id];
    try {
      if (file < 0) fail("DataLoader: cannot receive shared memory: there are too many open files.");
      block.mapping = std::make_shared<SharedMapping>(file, size);
    } catch (const std::exception& error) {
      block.error = error.what();
      child.unusable.push_back(id);
    }
    if (file >= 0) ::close(file);
  }

  void read_outcome(size_t i, Decoder& from) {
    Child& child = children_[i];
    Outcome outcome;
    outcome.worker = static_cast<int>(i);
    const auto epoch = from.get<int64_t>(), ticket = from.get<int64_t>();
    const auto kind = from.get<OutcomeKind>();
    outcome.place = get_place(from);
    outcome.has_ended = kind == OutcomeKind::kEnded;
    for (auto count = from.get<uint64_t>(); count > 0; --count) child.blocks.erase(from.get<uint64_t>());
    if (kind == OutcomeKind::kFailed) {
      outcome.failure.emplace();
      outcome.has_ended = from.get<bool>();
      outcome.failure->index = from.get<int64_t>();
      outcome.failure->message = from.get_text();
    } else {
      try {
        read_batch(child, from, outcome, kind == OutcomeKind::kBatch && epoch == epoch_.number);
      } catch (...) {  // the parent has too little memory for the batch
        outcome.failure = current_failure();
      }
      child.deaths = 0;
    }
    child.idle_deaths = 0;
    if (epoch != epoch_.number || child.tasks.empty() || child.tasks.front().ticket != ticket)
      return;  // an outdated outcome
    outcome.task = std::move(child.tasks.front());
    child.tasks.pop_front();
    child.place = outcome.place;
    ready_.push_back(std::move(outcome));
  }

  /// Its blocks are returned when the last tensor in them is destroyed: at once, if it is not needed.
  void read_batch(Child& child, Decoder& from, Outcome& outcome, bool is_wanted) {
    std::string error;
    std::unordered_map<uint64_t, std::vector<std::shared_ptr<Hold>>> holds;
    for (auto count = from.get<uint64_t>(); count > 0; --count) {
      const auto id = from.get<uint64_t>();
      const ParentBlock& block = child.blocks.at(id);
      if (!block.mapping) error = block.error;
      holds[id].push_back(std::make_shared<Hold>(block.mapping, child.given_back, id));
    }
    if (!is_wanted) return;
    if (!error.empty()) throw Error(error);
    const size_t left = from.left();
    Decoder batch(from.take(left), left, [&](uint64_t id) {
      std::shared_ptr<Hold> hold = std::move(holds.at(id).back());
      holds.at(id).pop_back();
      return HeldBlock{hold->mapping->data(), hold->mapping->size(), hold};
    });
    outcome.batch = source_->decode(batch);
  }

  /// Reports a worker that has ended, and forks a replacement, which gets its remaining tasks.
  void replace(size_t i) {
    Child& child = children_[i];
    const std::string how = reap(child);
    ++child.deaths;
    const bool had_begun = !child.tasks.empty() && child.tasks.front().ticket == positions_[i].ticket.load();
    child.idle_deaths = had_begun ? 0 : child.idle_deaths + 1;
    if (had_begun) {
      const int64_t index = positions_[i].index.load();
      if (source_->is_stream()) lose_records(child, index, positions_[i].taken.load());
      fail_task(i, index, how);
    } else if (child.idle_deaths < kMostIdleDeaths) {
      Outcome outcome;
      outcome.worker = static_cast<int>(i);
      outcome.task.ticket = -1;
      outcome.failure = Failure{how + " while it loaded no batch.", -1, nullptr};
      ready_.push_back(std::move(outcome));
    } else if (!child.tasks.empty()) {
      fail_task(i, -1, how + ", again, before it began with this batch");
    } else {
      return;  // another one is forked when there is a task
    }
    respawn(i);
  }

  /// Determines the loss with a worker that was at this record, or past the last one of its batch (-1).
  static void lose_records(Child& child, int64_t record, int64_t taken) {
    StreamPlace& place = child.place;
    if (record >= 0) {
      place.fatal.push_back(record);
    } else if (taken > place.consumed) {
      place.consumed = taken;
      place.failed.clear();
    }
  }

  /// The next task of a worker is lost; so is its shard of an iterable dataset, if it ends too often.
  void fail_task(size_t i, int64_t index, const std::string& how) {
    Child& child = children_[i];
    const bool gives_up = source_->is_stream() && (child.deaths >= kMostDeaths || child.idle_deaths >= kMostIdleDeaths);
    const char* end = gives_up ? "; it crashes each time, so the rest of its part of the dataset is skipped." : ".";
    Outcome outcome;
    outcome.worker = static_cast<int>(i);
    outcome.task = std::move(child.tasks.front());
    outcome.failure = Failure{how + end, index, nullptr};
    outcome.has_ended = gives_up;
    outcome.place = child.place;
    ready_.push_back(std::move(outcome));
    child.tasks.pop_front();
    while (gives_up && !child.tasks.empty()) {
      ready_.push_back({static_cast<int>(i), std::move(child.tasks.front()), nullptr, true, child.place, {}});
      child.tasks.pop_front();
    }
  }

  void respawn(size_t i) {
    new (positions_ + i) Position;
    positions_[i].epoch.store(epoch_.number);
    spawn(i);
    send_epoch(i, true);
    for (const Task& task : children_[i].tasks) send_task(i, task);
  }

  /// Closes its socket and collects its status.
  std::string reap(Child& child) {
    const int pid = std::exchange(child.pid, -1);
    close_channel(child);
    kill(pid, SIGKILL);  // it has closed its socket and is about to end
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
      if (errno != EINTR) return "its process " + std::to_string(pid) + " ended; its exit status is unknown";
    }
    return "its process " + std::to_string(pid) + " " + describe_status(status);
  }

  static void close_channel(Child& child) {
    const std::scoped_lock lock(sockets().mutex);
    sockets().open.erase(child.channel.socket());
    child.channel.close();
  }

  /// Closes the channels and waits for all to end; kills those that do not.
  void stop() {
    for (size_t i = 0; i < children_.size(); ++i) {
      positions_[i].epoch.store(-1);
      close_channel(children_[i]);
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    auto pause = std::chrono::microseconds(50);
    for (Child& child : children_) {
      while (child.pid > 0) {
        const int found = waitpid(child.pid, nullptr, WNOHANG);
        if (found != 0 && !(found < 0 && errno == EINTR)) {
          child.pid = -1;
        } else if (std::chrono::steady_clock::now() > until) {
          kill(child.pid, SIGKILL);
          waitpid(child.pid, nullptr, 0);
          child.pid = -1;
        } else {
          std::this_thread::sleep_for(pause);
          pause = std::min(pause * 2, std::chrono::microseconds(5000));
        }
      }
    }
    munmap(positions_, children_.size() * sizeof(Position));
  }

  const std::shared_ptr<const BatchSource> source_;
  const std::function<void(int)> init_;
  const bool is_persistent_;
  std::vector<Child> children_;
  Position* positions_ = nullptr;
  EpochStart epoch_;
  std::deque<Outcome> ready_;
};

}  // namespace

std::unique_ptr<WorkerPool> make_process_workers(std::shared_ptr<const BatchSource> source,
                                                 const DataLoaderOptions& options) {
  return std::make_unique<ProcessWorkers>(std::move(source), options);
}

}  // namespace bisque::data
