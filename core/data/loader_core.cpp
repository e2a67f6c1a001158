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

List list_from(const std::vector<int64_t>& numbers) {
  List list;
  for (const int64_t number : numbers) list.emplace_back(number);
  return list;
}

std::vector<int64_t> numbers_of(const Value& list) {
  std::vector<int64_t> numbers;
  for (const Value& number : list.as<List>()) numbers.push_back(number.as<int64_t>());
  return numbers;
}

/// The position of each worker in its shard of an iterable dataset. An older state has only "consumed".
std::vector<StreamPlace> places_of(const Dict& state) {
  std::vector<StreamPlace> places;
  for (const int64_t consumed : numbers_of(state.at("consumed"))) places.push_back({consumed, {}, {}});
  const auto add = [&](const char* name, std::vector<int64_t> StreamPlace::*records) {
    const Value* lists = state.find(name);
    if (!lists) return;
    const size_t count = lists->as<List>().size();
    if (count != places.size()) {
      fail("DataLoader: the state has \"", name, "\" for ", count, " workers; expected ", places.size(), ".");
    }
    for (size_t i = 0; i < count; ++i) places[i].*records = numbers_of(lists->as<List>()[i]);
  };
  add("failed", &StreamPlace::failed);
  add("fatal", &StreamPlace::fatal);
  return places;
}

/// How batches are made, for a message.
std::string batching(const Value& batch_size) {
  return batch_size.is_none() ? "a batch_sampler" : "batch_size " + std::to_string(batch_size.as<int64_t>());
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

/// The position in an epoch that a state describes.
void LoaderCore::resume_from(const Dict& state) {
  if (tasks_.is_iterable) {
    const auto places = places_of(state);
    for (size_t i = 0; i < workers_.size(); ++i) workers_[i].place = places[i];
    next_worker_ = first_worker_ = static_cast<int>(state.at("next_worker").as<int64_t>());
  } else {
    done_ = state.at("done").as<int64_t>();
    for (const Value& ticket : state.at("done_later").as<List>()) done_later_.insert(ticket.as<int64_t>());
  }
}

int64_t LoaderCore::begin() {
  end(number_);
  // Seeds are drawn in Python's order: the workers' first, then the sampler's.
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
  for (const WorkerState& worker : workers_) start.places.push_back(worker.place);
  has_indices_ = is_loading_ = true;
  is_whole_ = false;
  if (pool_) {
    pool_->start_epoch(start);
    submit_tasks();
  } else {
    position_.epoch.store(number_);
    runner_.emplace(source_, workers_[0].place);
  }
  return number_;
}

void LoaderCore::end(int64_t epoch) {
  if (!is_loading_ || epoch != number_) return;
  is_loading_ = false;
  pending_.clear();
  runner_.reset();
  if (pool_) pool_->end_epoch();
}

std::shared_ptr<void> LoaderCore::next(int64_t epoch) {
  if (epoch != number_) fail("DataLoader: this epoch is over, because another one has begun.");
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
  Outcome outcome = runner_->run(std::move(*task), position_, -1);
  if (outcome.has_ended && !outcome.failure) return nullptr;
  if (outcome.has_ended && tasks_.is_iterable) has_indices_ = false;
  return give_out(std::move(outcome));
}

/// The next worker in turn that has not ended; with in_order = false, one with room. -1: none.
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
  message << "DataLoader: no batch arrived within " << options_.timeout << " seconds" << at.str() << ".";
  throw LoaderError(message.str(), -1, std::nullopt, {}, nullptr);
}

/// An entry whose outcome has arrived; the first entry if batches are in order.
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
  if (outcome.task.ticket < 0) {  // a worker without a task was lost
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
    const bool has_more = worker.is_active;
    if (outcome.has_ended && tasks_.is_iterable) worker.is_active = false;
    submit_tasks();
    if (has_more && (!outcome.has_ended || outcome.failure)) return give_out(std::move(outcome));
  }
  return nullptr;
}

std::shared_ptr<void> LoaderCore::give_out(Outcome outcome) {
  mark_done(outcome.task.ticket);
  const int worker = std::max(0, outcome.worker);
  workers_[static_cast<size_t>(worker)].place = std::move(outcome.place);
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
  List later, consumed, failed, fatal;
  for (const int64_t ticket : done_later_) later.emplace_back(ticket);
  for (const WorkerState& worker : workers_) {
    consumed.emplace_back(worker.place.consumed);
    failed.emplace_back(list_from(worker.place.failed));
    fatal.emplace_back(list_from(worker.place.fatal));
  }
  state.set("base_seed", *base_seed_);
  state.set("sampler", sampler_state_);
  state.set("done", done_);
  state.set("done_later", std::move(later));
  state.set("consumed", std::move(consumed));
  state.set("failed", std::move(failed));
  state.set("fatal", std::move(fatal));
  state.set("next_worker", first_worker_);
  state.set("batch_size", batch_size());
  if (tasks_.dataset_size) state.set("dataset_size", *tasks_.dataset_size);
  return state;
}

Value LoaderCore::batch_size() const { return options_.batch_sampler ? Value() : Value(options_.batch_size); }

/// For a state within an epoch. Entries that are missing in an older state are not checked.
void LoaderCore::check_state(const Dict& state) const {
  for (const char* name : {"base_seed", "done", "next_worker"}) {
    if (state.at(name).as<int64_t>() < 0) fail("DataLoader: the state has a negative \"", name, "\".");
  }
  if (tasks_.is_iterable) {
    const size_t workers = places_of(state).size();
    if (workers != workers_.size()) {
      fail("DataLoader: the state is of ", workers, " workers, but the loader has ", workers_.size(),
           ": an iterable dataset can only be continued by as many.");
    }
    const auto next = state.at("next_worker").as<int64_t>();
    if (next >= static_cast<int64_t>(workers)) {
      fail("DataLoader: the state continues with worker ", next, ", but is of ", workers, " workers.");
    }
  }
  const Value* batches = state.find("batch_size");
  if (batches && batching(*batches) != batching(batch_size())) {
    fail("DataLoader: the state is of a loader with ", batching(*batches), ", but this loader has ",
         batching(batch_size()), "; expected the same.");
  }
  const Value* size = state.find("dataset_size");
  if (size && tasks_.dataset_size && size->as<int64_t>() != *tasks_.dataset_size) {
    fail("DataLoader: the state is of a dataset of ", size->as<int64_t>(), " samples, but this loader's dataset has ",
         *tasks_.dataset_size, " samples; expected as many.");
  }
}

void LoaderCore::load_state_dict(const Dict& state) {
  if (state.at("version").as<int64_t>() != 1) fail("DataLoader: expected a state of version 1.");
  const bool is_whole = state.at("is_whole").as<bool>();
  if (!is_whole) check_state(state);
  end(number_);
  loaded_.reset();
  is_whole_ = true;
  if (!is_whole) loaded_ = state;
}

}  // namespace bisque::data
