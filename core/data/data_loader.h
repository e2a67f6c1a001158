// DataLoader: batches of a dataset, loaded ahead by threads or processes. Its options are those of torch.utils.data.
#pragma once
#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <bisque/core/data/codec.h>
#include <bisque/core/data/collate.h>
#include <bisque/core/data/dataset.h>
#include <bisque/core/data/loader_core.h>
#include <bisque/core/data/pin_memory.h>
#include <bisque/core/data/run_apart.h>

namespace bisque::data {

/// Collates with default_collate.
struct DefaultCollate {
  template <class Sample>
  auto operator()(const std::vector<Sample>& samples) const {
    return default_collate(samples);
  }
};

/// Used instead of a collate function: gives single samples (batch_size=None in Python).
struct NoBatching {};

namespace internal {

template <class D, class C>
struct BatchOf {
  using Type = std::remove_cvref_t<std::invoke_result_t<const C&, std::vector<SampleOf<D>>>>;
};
template <class D>
struct BatchOf<D, NoBatching> {
  using Type = SampleOf<D>;
};

template <class D, class C>
class MapFetcher : public Fetcher {
  using Batch = typename BatchOf<D, C>::Type;

 public:
  MapFetcher(std::shared_ptr<const D> dataset, std::shared_ptr<const C> collate)
      : dataset_(std::move(dataset)), collate_(std::move(collate)) {}

  std::shared_ptr<void> fetch(const Task& task, Position& position) override {
    const std::span<const int64_t> indices(task.indices);
    const auto size = static_cast<int64_t>(dataset_->size());
    for (const int64_t index : indices) check_index("the sampler", index, size);
    if constexpr (std::is_same_v<C, NoBatching>) {
      return std::make_shared<Batch>(sample(task, indices[0], position));
    } else if constexpr (std::is_same_v<C, DefaultCollate> && requires(const D& dataset) { dataset.batch(indices); }) {
      return std::make_shared<Batch>(dataset_->batch(indices));
    } else if constexpr (requires(const D& dataset) { dataset.get_items(indices); }) {
      return std::make_shared<Batch>(std::invoke(*collate_, dataset_->get_items(indices)));
    } else {
      std::vector<SampleOf<D>> samples;
      samples.reserve(indices.size());
      for (const int64_t index : indices) samples.push_back(sample(task, index, position));
      position.index.store(-1);
      return std::make_shared<Batch>(std::invoke(*collate_, std::move(samples)));
    }
  }

 private:
  SampleOf<D> sample(const Task& task, int64_t index, Position& position) const {
    if (position.epoch.load(std::memory_order_relaxed) != task.epoch) throw Dropped();
    position.index.store(index);
    return (*dataset_)[index];
  }

  std::shared_ptr<const D> dataset_;
  std::shared_ptr<const C> collate_;
};

template <class D, class C>
class StreamFetcher : public Fetcher {
  using Batch = typename BatchOf<D, C>::Type;

 public:
  StreamFetcher(std::shared_ptr<const D> dataset, std::shared_ptr<const C> collate, bool drop_last,
                const StreamPlace& start)
      : dataset_(std::move(dataset)),
        collate_(std::move(collate)),
        drop_last_(drop_last),
        stream_(dataset_->iter()),
        start_(start),
        place_(start) {}

  std::shared_ptr<void> fetch(const Task& task, Position& position) override {
    replay(task, position);
    if constexpr (std::is_same_v<C, NoBatching>) {
      auto sample = next(task, position);
      set_done();
      return sample ? std::make_shared<Batch>(std::move(*sample)) : nullptr;
    } else {
      while (static_cast<int64_t>(samples_.size()) < task.count) {
        auto sample = next(task, position);
        if (!sample) break;
        samples_.push_back(std::move(*sample));
      }
      auto samples = std::exchange(samples_, {});
      set_done();
      if (samples.empty() || (drop_last_ && static_cast<int64_t>(samples.size()) < task.count)) return nullptr;
      position.index.store(-1);
      return std::make_shared<Batch>(std::invoke(*collate_, std::move(samples)));
    }
  }
  StreamPlace place() const override { return place_; }
  bool has_given_up() const override { return failures_ == kMostFailures; }

 private:
  static constexpr int kMostFailures =
      1000;  // consecutive, for example of a stream that does not advance when it throws

  /// Skips the records that another worker, or another loader, has consumed.
  void replay(const Task& task, Position& position) {
    while (taken_ < start_.consumed && !has_ended_) {
      if (const int64_t count = SkippingStream<Stream> ? harmless_records() : 0; count > 0) {
        has_ended_ = skip_records(stream_, count) < count;
        taken_ += count;
      } else {
        pass(begin_record(task, position));
      }
    }
  }

  /// The number of records to replay before the next fatal one.
  int64_t harmless_records() const {
    int64_t end = start_.consumed;
    for (const int64_t record : start_.fatal) {
      if (record >= taken_) end = std::min(end, record);
    }
    return end - taken_;
  }

  std::optional<SampleOf<D>> next(const Task& task, Position& position) {
    while (!has_ended_) {
      const int64_t record = begin_record(task, position);
      if (contains(start_.failed, record) || contains(start_.fatal, record)) {
        pass(record);
        continue;
      }
      try {
        auto sample = stream_();
        has_ended_ = !sample;
        failures_ = 0;
        return sample;
      } catch (...) {
        has_ended_ = ++failures_ == kMostFailures;
        if (samples_.empty()) {
          set_done();
        } else {
          place_.failed.push_back(record);
        }
        throw;
      }
    }
    return std::nullopt;
  }

  int64_t begin_record(const Task& task, Position& position) {
    if (position.epoch.load(std::memory_order_relaxed) != task.epoch) throw Dropped();
    position.index.store(taken_);
    position.taken.store(taken_ + 1);
    return taken_++;
  }

  /// Marks a record as returned or reported.
  void pass(int64_t record) {
    const auto skip = [&] { has_ended_ = skip_records(stream_, 1) == 0; };
    if (contains(start_.fatal, record)) {
      run_apart(skip);
    } else {
      skip();
    }
  }

  /// Marks all taken records as returned.
  void set_done() {
    place_.consumed = std::max(place_.consumed, taken_);
    place_.failed.clear();
  }

  static bool contains(const std::vector<int64_t>& records, int64_t record) {
    return std::find(records.begin(), records.end(), record) != records.end();
  }

  using Stream = std::remove_cvref_t<decltype(std::declval<const D&>().iter())>;

  std::shared_ptr<const D> dataset_;
  std::shared_ptr<const C> collate_;
  bool drop_last_;
  Stream stream_;
  const StreamPlace start_;
  StreamPlace place_;
  std::vector<SampleOf<D>> samples_;  // of a batch that an error interrupted
  int64_t taken_ = 0;
  int failures_ = 0;
  bool has_ended_ = false;
};

template <class D, class C>
class TypedSource : public BatchSource {
  using Batch = typename BatchOf<D, C>::Type;

 public:
  TypedSource(std::shared_ptr<const D> dataset, C collate, bool drop_last)
      : dataset_(std::move(dataset)), collate_(std::make_shared<const C>(std::move(collate))), drop_last_(drop_last) {}

  bool is_stream() const override { return IterableDataset<D>; }
  std::unique_ptr<Fetcher> make_fetcher(const StreamPlace& start) const override {
    if constexpr (IterableDataset<D>) {
      return std::make_unique<StreamFetcher<D, C>>(dataset_, collate_, drop_last_, start);
    } else {
      (void)start;
      return std::make_unique<MapFetcher<D, C>>(dataset_, collate_);
    }
  }
  void pin(void* batch) const override { pin_memory(*static_cast<Batch*>(batch)); }
  void encode(const void* batch, Encoder& encoder) const override {
    if constexpr (Sendable<Batch>) data::encode(*static_cast<const Batch*>(batch), encoder);
  }
  std::shared_ptr<void> decode(Decoder& decoder) const override {
    if constexpr (Sendable<Batch>) {
      auto batch = std::make_shared<Batch>();
      data::decode(*batch, decoder);
      return batch;
    } else {
      return nullptr;
    }
  }

 private:
  std::shared_ptr<const D> dataset_;
  std::shared_ptr<const C> collate_;
  bool drop_last_;
};

}  // namespace internal

/// Loads a dataset batch by batch. Collate is a function that takes a std::vector of samples and returns a batch, or
/// NoBatching. It and the dataset are const, and all workers use them concurrently.
///
///   data::DataLoader loader(dataset, {.batch_size = 32, .shuffle = true, .num_workers = 4});
///   for (auto& [x, y] : loader) ...                       // an epoch; breaking out of it is fine
///
///   auto epoch = loader.epoch();                          // the same, step by step:
///   while (std::optional batch = epoch.next()) ...        // after an error, next() returns the next batch
///
/// Orders equal Python's for the same seeds. Only one epoch is active at a time: starting another ends it. Errors: see
/// LoaderError; options that exclude each other.
template <Dataset D, class C = DefaultCollate>
class DataLoader {
 public:
  using Batch = typename internal::BatchOf<D, C>::Type;

  explicit DataLoader(D dataset, DataLoaderOptions options = {}, C collate = {})
      : dataset_(std::make_shared<const D>(std::move(dataset))) {
    if constexpr (!Sendable<Batch>) {
      if (options.worker_kind == WorkerKind::kProcess) {
        fail("DataLoader: a process cannot send a batch of this type; describe it by Fields, or use threads.");
      }
    }
    TaskSource tasks{IterableDataset<D>, options.batch_size, !std::is_same_v<C, NoBatching>, std::nullopt};
    if constexpr (requires { dataset_->size(); }) tasks.dataset_size = static_cast<int64_t>(dataset_->size());
    auto source = std::make_shared<internal::TypedSource<D, C>>(dataset_, std::move(collate), options.drop_last);
    core_ = std::make_shared<LoaderCore>(std::move(source), std::move(options), tasks);
  }

  /// One pass over the dataset. Its destructor ends it.
  class Epoch {
   public:
    explicit Epoch(std::shared_ptr<LoaderCore> core) : core_(std::move(core)), number_(core_->begin()) {}
    Epoch(Epoch&& other) noexcept : core_(std::move(other.core_)), number_(other.number_) {}
    Epoch& operator=(Epoch&&) = delete;
    ~Epoch() {
      if (core_) core_->end(number_);
    }
    /// The next batch, nullopt at the end. Errors: LoaderError; another epoch has begun.
    std::optional<Batch> next() {
      const auto batch = core_->next(number_);
      if (!batch) return std::nullopt;
      return std::move(*static_cast<Batch*>(batch.get()));
    }

   private:
    std::shared_ptr<LoaderCore> core_;
    int64_t number_;
  };

  class Iterator {
   public:
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;
    explicit Iterator(Epoch epoch) : epoch_(std::move(epoch)) { ++*this; }
    Batch& operator*() { return *batch_; }
    Batch* operator->() { return &*batch_; }
    Iterator& operator++() {
      batch_.reset();  // its memory can be reused for the next one
      batch_ = epoch_.next();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& at, std::default_sentinel_t) { return !at.batch_; }

   private:
    Epoch epoch_;
    std::optional<Batch> batch_;
  };

  Epoch epoch() { return Epoch(core_); }
  Iterator begin() { return Iterator(epoch()); }
  std::default_sentinel_t end() const { return {}; }

  /// The number of batches of an epoch, if it is known.
  std::optional<int64_t> size() const { return core_->size(); }
  const D& dataset() const { return *dataset_; }

  /// The position in the current or last epoch. After load_state_dict, also in another loader with the same options,
  /// the next epoch gives exactly the remaining batches. The states of workers' generators are not kept.
  Dict state_dict() const { return core_->state_dict(); }
  void load_state_dict(const Dict& state) { core_->load_state_dict(state); }

 private:
  std::shared_ptr<const D> dataset_;
  std::shared_ptr<LoaderCore> core_;
};

}  // namespace bisque::data
