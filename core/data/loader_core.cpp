#include <bisque/core/data/loader_core.h>

#include <algorithm>
#include <chrono>
#include <sstream>

#include <bisque/core/data/pin_memory.h>
#include <bisque/core/data/random.h>
#include <bisque/core/data/random_sampler.h>

namespace bisque::data {
namespace {

void check_samplers(const DataLoaderOptions& options, const TaskSource& tasks) {
  const bool has_sampler = options.sampler != nullptr, has_batches = options.batch_sampler != nullptr;
  if (tasks.is_iterable && (options.shuffle || has_sampler || has_batches)) {
    fail("DataLoader: an iterable dataset has an order of its own; expected no shuffle, sampler or batch_sampler.");
  }
  if (has_sampler && options.shuffle) fail("DataLoader: expected sampler or shuffle, but got both.");
  if (has_batches && (options.batch_size != 1 || options.shuffle || has_sampler || options.drop_last)) {
    fail("DataLoader: batch_sampler excludes batch_size, shuffle, sampler and drop_last.");
  }
  if (!tasks.is_batched && (has_batches || options.batch_size != 1 || options.drop_last)) {
    fail("DataLoader: NoBatching excludes batch_size, batch_sampler and drop_last.");
  }
  if (options.batch_size < 1) {
    fail("DataLoader: expected batch_size to be 1 or more, but got ", options.batch_size, ".");
  }
}

void check_workers(const DataLoaderOptions& options) {
  if (options.num_workers < 0) {
    fail("DataLoader: expected num_workers to be 0 or more, but got ", options.num_workers, ".");
  }
  if (!(options.timeout >= 0)) fail("DataLoader: expected timeout to be 0 or more, but got ", options.timeout, ".");
  if (options.prefetch_factor && *options.prefetch_factor < 1) {
    fail("DataLoader: expected prefetch_factor to be 1 or more, but got ", *options.prefetch_factor, ".");
  }
  if (options.num_workers > 0) return;
  if (options.prefetch_factor) fail("DataLoader: prefetch_factor needs num_workers > 0.");
  if (options.persistent_workers) fail("DataLoader: persistent_workers needs num_workers > 0.");
  if (options.timeout > 0) fail("DataLoader: timeout needs num_workers > 0.");
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string list_of(const IndexBatch& indices) {
  std::ostringstream text;
  for (size_t i = 0; i < indices.size(); ++i) {
    if (i == 8) return text.str() + ", ... (" + std::to_string(indices.size()) + " samples)";
    text << (i ? ", " : "") << indices[i];
  }
  return text.str();
}

/// "worker 1, sample 57: " or "samples 56, 57: ".
std::string place_of(const Outcome& outcome) {
  std::ostringstream place;
  if (outcome.worker >= 0) place << "worker " << outcome.worker << ", ";
  if (outcome.failure->index >= 0) {
    place << "sample " << outcome.failure->index;
  } else if (!outcome.task.indices.empty()) {
    place << "batch of samples " << list_of(outcome.task.indices);
  } else {
    place << "batch " << outcome.task.ticket;
  }
  return place.str();
}

}  // namespace

LoaderCore::LoaderCore(std::shared_ptr<const BatchSource> source, DataLoaderOptions options, const TaskSource& tasks)
    : source_(std::move(source)), options_(std::move(options)), tasks_(tasks) {
  check_samplers(options_, tasks_);
  check_workers(options_);
  prefetch_ = options_.prefetch_factor.value_or(2);
  make_samplers();
  workers_.resize(static_cast<size_t>(std::max(1, options_.num_workers)));
  if (options_.num_workers > 0) {
    pool_ = options_.worker_kind == WorkerKind::kThread ? make_thread_workers(source_, options_)
                                                        : make_process_workers(source_, options_);
  }
}

void LoaderCore::make_samplers() {
  if (tasks_.is_iterable) return;
  batches_ = options_.batch_sampler;
  if (batches_) return;
  sampler_ = options_.sampler;
  if (!sampler_ && options_.shuffle) {
    sampler_ =
        std::make_shared<RandomSampler>(*tasks_.dataset_size, RandomSamplerOptions{.generator = options_.generator});
  }
  if (!sampler_) sampler_ = std::make_shared<SequentialSampler>(*tasks_.dataset_size);
  if (tasks_.is_batched) {
    batches_ = std::make_shared<BatchSampler>(sampler_, options_.batch_size, options_.drop_last);
    sampler_ = nullptr;
  }
}

std::optional<int64_t> LoaderCore::size() const {
  if (batches_) return batches_->size();
  if (sampler_) return sampler_->size();
  if (!tasks_.dataset_size || !tasks_.is_batched) return tasks_.dataset_size;
  return options_.drop_last ? *tasks_.dataset_size / tasks_.count
                            : (*tasks_.dataset_size + tasks_.count - 1) / tasks_.count;
}

void LoaderCore::start_sampler() {
  const Dict* state = loaded_ ? &loaded_->at("sampler").as<Dict>() : nullptr;
  const auto start = [&](auto& sampler) {
    if (state && !state->empty()) sampler.load_state_dict(*state);
    sampler.start();
    sampler_state_ = sampler.state_dict();
  };
  if (batches_) start(*batches_);
  if (sampler_) start(*sampler_);
}

/// Where an epoch is that a state tells of.
void LoaderCore::resume_from(const Dict& state) {
  if (tasks_.is_iterable) {
    const List& consumed = state.at("consumed").as<List>();
    for (size_t i = 0; i < workers_.size(); ++i) workers_[i].consumed = consumed[i].as<int64_t>();
    next_worker_ = first_worker_ = static_cast<int>(state.at("next_worker").as<int64_t>());
  } else {
    done_ = state.at("done").as<int64_t>();
    for (const Value& ticket : state.at("done_later").as<List>()) done_later_.insert(ticket.as<int64_t>());
  }
}

int64_t LoaderCore::begin() {
  end(number_);
  // Seeds are drawn in Python's order: that of the workers, then that of the sampler.
  const bool draws = !(options_.persistent_workers && base_seed_);
  if (loaded_) {
    base_seed_ = loaded_->at("base_seed").as<int64_t>();
  } else if (draws) {
    base_seed_ = draw_seed(options_.generator);
  }
  start_sampler();
  ++number_;
  pending_.clear();
  next_ticket_ = done_ = 0;
  done_later_.clear();
  next_worker_ = first_worker_ = 0;
  std::fill(workers_.begin(), workers_.end(), WorkerState());
  EpochStart start{number_, *base_seed_, {}};
  if (loaded_) resume_from(*loaded_);
  loaded_.reset();
  for (const WorkerState& worker : workers_) start.skip.push_back(worker.consumed);
  has_indices_ = is_loading_ = true;
  is_whole_ = false;
  if (pool_) {
    pool_->start_epoch(start);
    submit_tasks();
  } else {
    position_.epoch.store(number_);
    fetcher_ = source_->make_fetcher();
    fetcher_->skip(workers_[0].consumed);
  }
  return number_;
}

void LoaderCore::end(int64_t epoch) {
  if (!is_loading_ || epoch != number_) return;
  is_loading_ = false;
  pending_.clear();
  fetcher_.reset();
  if (pool_) pool_->end_epoch();
}

std::shared_ptr<void> LoaderCore::next(int64_t epoch) {
  if (epoch != number_) fail("DataLoader: this epoch is over: another one has begun since.");
  if (!is_loading_) return nullptr;
  auto batch = pool_ ? take_loaded() : load_here();
  if (!batch) {
    is_whole_ = true;
    end(number_);
  }
  return batch;
}

std::optional<IndexBatch> LoaderCore::next_indices() {
  if (batches_) return batches_->next();
  const auto index = sampler_->next();
  if (!index) return std::nullopt;
  return IndexBatch{*index};
}

std::optional<Task> LoaderCore::next_task() {
  while (has_indices_) {
    Task task{number_, next_ticket_, {}, tasks_.count};
    if (!tasks_.is_iterable) {
      auto indices = next_indices();
      has_indices_ = indices.has_value();
      if (!indices) break;
      task.indices = std::move(*indices);
    }
    ++next_ticket_;
    if (task.ticket >= done_ && !done_later_.contains(task.ticket)) return task;
  }
  return std::nullopt;
}

std::shared_ptr<void> LoaderCore::load_here() {
  auto task = next_task();
  if (!task) return nullptr;
  PinnedMemory pinned;
  const bool pins = options_.pin_memory && can_pin_memory();
  const BatchMemoryScope memory(pins ? static_cast<BatchMemory*>(&pinned) : &memory_);
  Outcome outcome = carry_out(*fetcher_, std::move(*task), position_, -1);
  if (outcome.has_ended) return nullptr;
  return give_out(std::move(outcome));
}

/// The next worker in turn that has not ended; where batches come as they are done, one that has room. -1: none.
int LoaderCore::choose_worker() {
  const int count = options_.num_workers;
  for (int step = 0; step < count; ++step) {
    const int worker = (next_worker_ + step) % count;
    const WorkerState& state = workers_[static_cast<size_t>(worker)];
    if (!state.is_active || (!options_.in_order && state.tasks >= prefetch_)) continue;
    next_worker_ = (worker + 1) % count;
    return worker;
  }
  return -1;
}

void LoaderCore::submit_tasks() {
  size_t most = 0;
  for (const WorkerState& worker : workers_) most += worker.is_active ? static_cast<size_t>(prefetch_) : 0;
  while (pending_.size() < most) {
    const int before = next_worker_, worker = choose_worker();
    if (worker < 0) return;
    auto task = next_task();
    if (!task) {
      next_worker_ = before;
      return;
    }
    pending_[task->ticket].worker = worker;
    ++workers_[static_cast<size_t>(worker)].tasks;
    pool_->submit(worker, std::move(*task));
  }
}

void LoaderCore::fail_timeout() const {
  std::ostringstream at;
  for (int i = 0; i < options_.num_workers; ++i) {
    const int64_t index = pool_->position(i).index.load();
    if (index >= 0) at << (at.tellp() > 0 ? ", " : "; ") << "worker " << i << " is at sample " << index;
  }
  std::ostringstream message;
  message << "DataLoader: no batch came within " << options_.timeout << " seconds" << at.str() << ".";
  throw LoaderError(message.str(), -1, std::nullopt, {}, nullptr);
}

/// An entry whose outcome is there; the first one, where batches come in order.
std::map<int64_t, LoaderCore::Pending>::iterator LoaderCore::wait_for_one() {
  const auto start = std::chrono::steady_clock::now();
  while (true) {
    for (auto at = pending_.begin(); at != pending_.end(); ++at) {
      if (at->second.outcome) return at;
      if (options_.in_order) break;
    }
    double left = 0;
    if (options_.timeout > 0 && (left = options_.timeout - seconds_since(start)) <= 0) fail_timeout();
    if (auto outcome = pool_->wait(left)) receive(std::move(*outcome));
  }
}

void LoaderCore::receive(Outcome outcome) {
  if (outcome.task.ticket < 0) {  // a worker was lost that had no task
    throw LoaderError("DataLoader: worker " + std::to_string(outcome.worker) + ": " + outcome.failure->message,
                      outcome.worker, std::nullopt, {}, nullptr);
  }
  pending_.at(outcome.task.ticket).outcome = std::move(outcome);
}

std::shared_ptr<void> LoaderCore::take_loaded() {
  while (!pending_.empty()) {
    const auto found = wait_for_one();
    Outcome outcome = std::move(*found->second.outcome);
    pending_.erase(found);
    WorkerState& worker = workers_[static_cast<size_t>(outcome.worker)];
    --worker.tasks;
    if (outcome.has_ended) worker.is_active = false;
    submit_tasks();
    if (!outcome.has_ended) return give_out(std::move(outcome));
  }
  return nullptr;
}

std::shared_ptr<void> LoaderCore::give_out(Outcome outcome) {
  mark_done(outcome.task.ticket);
  const int worker = std::max(0, outcome.worker);
  workers_[static_cast<size_t>(worker)].consumed = outcome.consumed;
  first_worker_ = (worker + 1) % static_cast<int>(workers_.size());
  if (outcome.failure) {
    const Failure& failure = *outcome.failure;
    throw LoaderError("DataLoader: " + place_of(outcome) + ": " + failure.message, outcome.worker,
                      failure.index < 0 ? std::nullopt : std::optional(failure.index), outcome.task.indices,
                      failure.cause);
  }
  if (options_.pin_memory) source_->pin(outcome.batch.get());
  return std::move(outcome.batch);
}

void LoaderCore::mark_done(int64_t ticket) {
  done_later_.insert(ticket);
  while (done_later_.erase(done_) > 0) ++done_;
}

Dict LoaderCore::state_dict() const {
  if (loaded_) return *loaded_;
  Dict state{{"version", 1}, {"is_whole", is_whole_}};
  if (is_whole_) return state;
  List later, consumed;
  for (const int64_t ticket : done_later_) later.emplace_back(ticket);
  for (const WorkerState& worker : workers_) consumed.emplace_back(worker.consumed);
  state.set("base_seed", *base_seed_);
  state.set("sampler", sampler_state_);
  state.set("done", done_);
  state.set("done_later", std::move(later));
  state.set("consumed", std::move(consumed));
  state.set("next_worker", first_worker_);
  return state;
}

void LoaderCore::load_state_dict(const Dict& state) {
  if (state.at("version").as<int64_t>() != 1) fail("DataLoader: expected a state of version 1.");
  end(number_);
  loaded_.reset();
  is_whole_ = true;
  if (state.at("is_whole").as<bool>()) return;
  const size_t workers = state.at("consumed").as<List>().size();
  if (tasks_.is_iterable && workers != workers_.size()) {
    fail("DataLoader: the state is of ", workers, " workers, but the loader has ", workers_.size(),
         ": an iterable dataset can only be continued by as many.");
  }
  for (const char* name : {"base_seed", "done", "next_worker"}) {
    if (state.at(name).as<int64_t>() < 0) fail("DataLoader: the state has a negative \"", name, "\".");
  }
  loaded_ = state;
}

}  // namespace bisque::data
