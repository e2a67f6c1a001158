#include <bisque/core/data/data_loader.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <numeric>
#include <thread>

#include <bisque/core/data/ragged.h>
#include <bisque/core/data/random_sampler.h>
#include <bisque/core/data/tensor_dataset.h>
#include <bisque/tests/core/data/data_testing.h>

namespace bisque::data {
namespace {

using namespace test;
using at::Tensor;
using Ints = std::vector<int64_t>;

template <class Loader>
Ints values_of(Loader& loader) {
  Ints all;
  for (Tensor& batch : loader) {
    const auto* first = batch.template const_data_ptr<int64_t>();
    all.insert(all.end(), first, first + batch.numel());
  }
  return all;
}

Ints squares(int64_t count) {
  Ints all;
  for (int64_t i = 0; i < count; ++i) all.push_back(i * i);
  return all;
}

/// Every way to load: in-process, threads, processes; each kept or not.
std::vector<DataLoaderOptions> all_ways() {
  std::vector<DataLoaderOptions> ways(1);
  for (const WorkerKind kind : {WorkerKind::kThread, WorkerKind::kProcess}) {
    for (const int workers : {1, 2, 3}) {
      for (const bool persistent : {false, true}) {
        ways.push_back({.num_workers = workers, .worker_kind = kind, .persistent_workers = persistent});
      }
    }
  }
  return ways;
}

struct Squarer {  // two samples fail
  int64_t size() const { return 40; }
  int64_t operator[](int64_t i) const {
    if (i % 17 == 11) throw std::runtime_error("no sample " + std::to_string(i));
    return i * i;
  }
};

TEST(DataLoader, GivesAllBatchesInOrderInEachEpoch) {
  for (DataLoaderOptions options : all_ways()) {
    options.batch_size = 4;
    DataLoader loader(Squares{42}, options);
    EXPECT_EQ(loader.size(), 11);
    for (int epoch = 0; epoch < 3; ++epoch) EXPECT_EQ(values_of(loader), squares(42));
    options.drop_last = true;
    DataLoader dropping(Squares{42}, options);
    EXPECT_EQ(dropping.size(), 10);
    EXPECT_EQ(values_of(dropping), squares(40));
  }
}

TEST(DataLoader, GivesAllBatchesAsTheyAreDone) {
  for (DataLoaderOptions options : all_ways()) {
    options.batch_size = 3;
    options.in_order = false;
    DataLoader loader(Squares{50}, options);
    for (int epoch = 0; epoch < 2; ++epoch) {
      Ints all = values_of(loader);
      std::sort(all.begin(), all.end());
      EXPECT_EQ(all, squares(50));
    }
  }
}

TEST(DataLoader, TakesUserSamplersAndCollates) {
  struct Backwards : Sampler<> {
    int64_t at = 0;
    void start() override { at = 5; }
    std::optional<int64_t> next() override { return at > 0 ? std::optional(--at) : std::nullopt; }
  };
  const auto sum = [](const Ints& samples) { return std::accumulate(samples.begin(), samples.end(), int64_t{0}); };
  for (DataLoaderOptions options : all_ways()) {
    options.sampler = std::make_shared<Backwards>();
    DataLoader loader(Squares{}, options);
    EXPECT_EQ(values_of(loader), (Ints{16, 9, 4, 1, 0}));
    EXPECT_FALSE(loader.size());
    options.sampler = nullptr;
    options.batch_sampler = std::make_shared<ListSampler<IndexBatch>>(std::vector<IndexBatch>{{3, 1}, {}, {2}});
    Ints sums;
    DataLoader summed(Squares{}, options, sum);
    for (const int64_t each : summed) sums.push_back(each);
    EXPECT_EQ(sums, (Ints{10, 0, 4}));
  }
}

TEST(DataLoader, GivesSingleSamplesWithoutBatching) {
  for (const DataLoaderOptions& options : all_ways()) {
    DataLoader loader(std::vector<std::string>{"a", "b", "c"}, options, NoBatching());
    EXPECT_EQ(loader.size(), 3);
    std::string all;
    for (const std::string& sample : loader) all += sample;
    EXPECT_EQ(all, "abc");
  }
}

/// A stream whose parts belong to the workers.
struct Sharded {
  int64_t count;
  auto iter() const {
    const WorkerInfo* info = get_worker_info();
    const int64_t step = info ? info->num_workers : 1;
    return [at = info ? int64_t{info->id} : 0, step, end = count]() mutable -> std::optional<int64_t> {
      return at < end ? std::optional(std::exchange(at, at + step)) : std::nullopt;
    };
  }
};

TEST(DataLoader, SharesAStreamAmongWorkers) {
  for (DataLoaderOptions options : all_ways()) {
    options.batch_size = 4;
    for (int64_t count : {0, 1, 30, 41}) {
      DataLoader loader(Sharded{count}, options);
      for (int epoch = 0; epoch < 2; ++epoch) {
        Ints all = values_of(loader);
        std::sort(all.begin(), all.end());
        Ints expected(static_cast<size_t>(count));
        std::iota(expected.begin(), expected.end(), 0);
        EXPECT_EQ(all, expected) << count << " by " << options.num_workers;
      }
    }
    DataLoader single(Sharded{7}, {.num_workers = options.num_workers, .worker_kind = options.worker_kind},
                      NoBatching());
    int64_t sum = 0;
    for (const int64_t each : single) sum += each;
    EXPECT_EQ(sum, 21);
  }
}

struct Item {
  Tensor image;
  Ragged points;
  std::map<std::string, double> weights;
  std::string name;
  std::optional<int64_t> label;
  static auto fields(auto& item) { return std::tie(item.image, item.points, item.weights, item.name, item.label); }
};
struct ManyItems {
  int64_t size() const { return 9; }
  Item operator[](int64_t i) const {
    return {at::full({64, 65}, i), {at::full({i, 3}, i)}, {{"a", 0.5 * i}}, "n" + std::to_string(i), i};
  }
};

TEST(DataLoader, CarriesNestedBatches) {
  for (DataLoaderOptions options : all_ways()) {
    options.batch_size = 3;
    DataLoader loader(ManyItems(), options);
    int64_t i = 0;
    for (auto& [image, points, weights, names, labels] : loader) {
      EXPECT_TRUE(
          image.equal(at::stack({at::full({64, 65}, i), at::full({64, 65}, i + 1), at::full({64, 65}, i + 2)})));
      EXPECT_TRUE(points.lengths.equal(at::arange(i, i + 3)));
      EXPECT_TRUE(points.values.select(1, 0).equal(at::repeat_interleave(at::arange(i, i + 3), points.lengths)));
      EXPECT_TRUE(weights.at("a").equal(at::arange(i, i + 3, at::kDouble) * 0.5));
      EXPECT_EQ(names[1], "n" + std::to_string(i + 1));
      EXPECT_TRUE(labels->equal(at::arange(i, i + 3)));
      i += 3;
    }
    EXPECT_EQ(i, 9);
  }
}

TEST(DataLoader, KeepsBatchesThatOutliveIt) {
  for (const DataLoaderOptions& options : all_ways()) {
    std::vector<Tensor> kept;
    const Tensor rows = at::rand({20, 5000});
    {
      const TensorDataset dataset(rows);
      DataLoader loader(dataset, options);
      for (auto& [row] : loader) kept.push_back(row);
      for (auto& [row] : loader) kept.push_back(row);
    }
    for (int64_t i = 0; i < 40; ++i) EXPECT_TRUE(kept[i].equal(rows.slice(0, i % 20, i % 20 + 1)));
  }
}

/// Resident memory of this process.
double resident_mib() {
  std::ifstream file("/proc/self/statm");
  int64_t total = 0, resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / (1 << 20);
}

TEST(DataLoader, TakesNoMoreMemoryFromEpochToEpoch) {
  const TensorDataset dataset(at::rand({32, 3, 64, 64}), at::arange(32));
  for (DataLoaderOptions options : all_ways()) {
    if (options.num_workers == 1) continue;
    options.batch_size = 8;
    options.shuffle = true;
    DataLoader loader(dataset, options);
    double after_20 = 0;
    for (int epoch = 0; epoch < 100; ++epoch) {
      if (epoch == 20) after_20 = resident_mib();
      for (auto& [image, label] : loader) EXPECT_EQ(image.size(0), label.size(0));
    }
    EXPECT_LT(resident_mib() - after_20, 10) << "MiB; one batch an epoch would be 30";
  }
}

TEST(DataLoader, ReportsErrorsWithIndexAndWorkerAndGoesOn) {
  for (DataLoaderOptions options : all_ways()) {
    options.batch_size = 5;
    DataLoader loader(Squarer(), options);
    for (int round = 0; round < 2; ++round) {
      auto epoch = loader.epoch();
      Ints firsts, failed;
      while (true) {
        try {
          const auto batch = epoch.next();
          if (!batch) break;
          firsts.push_back((*batch)[0].item<int64_t>());
        } catch (const LoaderError& error) {
          failed.push_back(*error.index());
          const int worker = options.num_workers == 0 ? -1 : static_cast<int>(*error.index() / 5 % options.num_workers);
          const std::string by = worker < 0 ? "" : "worker " + std::to_string(worker) + ", ";
          const std::string index = std::to_string(*error.index());
          EXPECT_EQ(error.worker(), worker);
          EXPECT_EQ(error.what(), "DataLoader: " + by + "sample " + index + ": no sample " + index);
          EXPECT_EQ(error.indices().size(), 5);
          if (options.worker_kind == WorkerKind::kThread) {
            EXPECT_THROW(std::rethrow_exception(error.cause()), std::runtime_error);
          }
        }
      }
      EXPECT_EQ(failed, (Ints{11, 28}));
      EXPECT_EQ(firsts, (Ints{0, 25, 225, 400, 900, 1225}));
    }
  }
}

TEST(DataLoader, ReportsErrorsOfCollateInitAndSamplers) {
  const auto broken = [](const Ints& samples) -> int64_t {
    throw std::out_of_range("bad batch " + std::to_string(samples[0]));
  };
  for (DataLoaderOptions options : all_ways()) {
    const std::string by = options.num_workers == 0 ? "" : "worker 0, ";
    options.batch_size = 2;
    DataLoader loader(Squares{4}, options, broken);
    EXPECT_EQ(error_of([&] { loader.begin(); }), "DataLoader: " + by + "batch of samples 0, 1: bad batch 0");
    options.batch_size = 1;
    options.sampler = std::make_shared<ListSampler<>>(Ints{4});
    DataLoader outside(Squares{4}, options);
    EXPECT_EQ(error_of([&] { outside.begin(); }),
              "DataLoader: " + by + "batch of samples 4: the sampler: expected an index in [0, 4), but got 4.");
    if (options.num_workers == 0) continue;
    options.worker_init_fn = [](int) { throw 3; };
    options.sampler = nullptr;
    DataLoader uninitialized(Squares{4}, options);
    EXPECT_EQ(error_of([&] { uninitialized.begin(); }),
              "DataLoader: worker 0, batch of samples 0: an exception that is not a std::exception");
  }
}

TEST(DataLoader, RejectsOptionsThatMakeNoSense) {
  const auto error = [](const DataLoaderOptions& options) {
    return error_of([&] { DataLoader loader(Squares(), options); });
  };
  const auto sampler = std::make_shared<SequentialSampler>(3);
  const auto batches = std::make_shared<BatchSampler>(sampler, 2, false);
  EXPECT_EQ(error({.batch_size = 0}), "DataLoader: expected batch_size to be 1 or more, but got 0.");
  EXPECT_EQ(error({.shuffle = true, .sampler = sampler}), "DataLoader: expected sampler or shuffle, but got both.");
  EXPECT_EQ(error({.batch_size = 2, .batch_sampler = batches}),
            "DataLoader: batch_sampler excludes batch_size, shuffle, sampler and drop_last.");
  EXPECT_EQ(error({.num_workers = -1}), "DataLoader: expected num_workers to be 0 or more, but got -1.");
  EXPECT_EQ(error({.num_workers = 1, .timeout = -1}), "DataLoader: expected timeout to be 0 or more, but got -1.");
  EXPECT_EQ(error({.num_workers = 1, .prefetch_factor = 0}),
            "DataLoader: expected prefetch_factor to be 1 or more, but got 0.");
  EXPECT_EQ(error({.prefetch_factor = 2}), "DataLoader: prefetch_factor needs num_workers > 0.");
  EXPECT_EQ(error({.persistent_workers = true}), "DataLoader: persistent_workers needs num_workers > 0.");
  EXPECT_EQ(error({.timeout = 1}), "DataLoader: timeout needs num_workers > 0.");
  EXPECT_EQ(error_of([] {
              DataLoader(Count{0, 3}, {.shuffle = true});
            }),
            "DataLoader: an iterable dataset has an order of its own; expected no shuffle, sampler or batch_sampler.");
  EXPECT_EQ(error_of([] { DataLoader(Squares(), {.batch_size = 2}, NoBatching()); }),
            "DataLoader: NoBatching excludes batch_size, batch_sampler and drop_last.");
  const auto opaque = [](const Ints&) { return std::function<void()>(); };
  EXPECT_EQ(error_of([&] { DataLoader(Squares(), {.num_workers = 1, .worker_kind = WorkerKind::kProcess}, opaque); }),
            "DataLoader: a process cannot send a batch of this type; describe it by Fields, or use threads.");
}

TEST(DataLoader, EndsAnEpochThatIsLeft) {
  for (DataLoaderOptions options : all_ways()) {
    DataLoader loader(Squares{100}, options);
    for (int i = 0; i < 3; ++i) {
      int count = 0;
      for ([[maybe_unused]] auto& batch : loader) {
        if (++count == 5) break;
      }
    }
    EXPECT_EQ(values_of(loader), squares(100));
    auto first = loader.epoch();
    first.next();
    auto second = loader.epoch();
    EXPECT_EQ(error_of([&] { first.next(); }), "DataLoader: this epoch is over, because another one has begun.");
    EXPECT_EQ(second.next()->item<int64_t>(), 0);
  }
}

struct Sleepy {
  int milliseconds;
  int64_t size() const { return 6; }
  int64_t operator[](int64_t i) const {
    if (i == 3) std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    return i;
  }
};

TEST(DataLoader, TimesOutAndGoesOn) {
  for (const WorkerKind kind : {WorkerKind::kThread, WorkerKind::kProcess}) {
    DataLoader loader(Sleepy{400}, {.num_workers = 2, .worker_kind = kind, .timeout = 0.1});
    auto epoch = loader.epoch();
    for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(epoch.next()->item<int64_t>(), i);
    EXPECT_EQ(error_of([&] { epoch.next(); }),
              "DataLoader: no batch arrived within 0.1 seconds; worker 1 is at sample 3.");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    for (int64_t i = 3; i < 6; ++i) EXPECT_EQ(epoch.next()->item<int64_t>(), i);
    EXPECT_FALSE(epoch.next());
  }
}

TEST(DataLoader, TellsWorkersWhoTheyAre) {
  struct Infos {
    int64_t size() const { return 8; }
    Ints operator[](int64_t) const {
      const WorkerInfo* info = get_worker_info();
      return {info->id, info->num_workers, info->seed, static_cast<int64_t>(info->generator.current_seed())};
    }
  };
  for (DataLoaderOptions options : all_ways()) {
    if (options.num_workers == 0) continue;
    std::vector<int64_t> seeds;
    DataLoader loader(Infos(), options, NoBatching());
    for (int epoch = 0; epoch < 2; ++epoch) {
      int64_t i = 0, base = 0;
      for (const Ints& info : loader) {
        const int64_t id = i++ % options.num_workers;
        if (id == 0) base = info[2];
        EXPECT_EQ(info, (Ints{id, options.num_workers, base + id, base + id}));
      }
      seeds.push_back(base);
    }
    EXPECT_EQ(seeds[0] == seeds[1], options.persistent_workers) << "a new worker, a new seed";
  }
  EXPECT_EQ(get_worker_info(), nullptr);
}

/// The rest of an epoch after each possible number of batches, in another loader.
template <class Make>
void expect_resumes(const Make& make, bool in_order) {
  at::manual_seed(3);
  auto loader = make();
  std::vector<Ints> whole;
  std::vector<Dict> states;
  for (Tensor& batch : loader) {
    whole.emplace_back(batch.template const_data_ptr<int64_t>(),
                       batch.template const_data_ptr<int64_t>() + batch.numel());
    states.push_back(loader.state_dict());
  }
  for (size_t given = 1; given <= states.size(); ++given) {
    at::manual_seed(100 + given);
    auto other = make();
    other.load_state_dict(states[given - 1]);
    std::vector<Ints> left, expected(whole.begin() + given, whole.end());
    for (Tensor& batch : other) {
      left.emplace_back(batch.template const_data_ptr<int64_t>(),
                        batch.template const_data_ptr<int64_t>() + batch.numel());
    }
    if (!in_order) std::sort(left.begin(), left.end()), std::sort(expected.begin(), expected.end());
    EXPECT_EQ(left, expected) << given;
  }
}

TEST(DataLoader, ResumesAnEpochWithWhatWasLeft) {
  for (DataLoaderOptions options : all_ways()) {
    for (const bool in_order : {true, false}) {
      options.batch_size = 3;
      options.shuffle = true;
      options.in_order = in_order;
      expect_resumes([&] { return DataLoader(Squares{20}, options); }, in_order);
      options.shuffle = false;
      expect_resumes([&] { return DataLoader(Sharded{23}, options); }, in_order && options.num_workers < 3);
    }
  }
}

TEST(DataLoader, ResumesAfterABreakAndSaysWhatIsWrong) {
  DataLoader loader(Squares{10}, {.batch_size = 2, .num_workers = 2});
  for ([[maybe_unused]] auto& batch : loader) break;
  loader.load_state_dict(loader.state_dict());
  EXPECT_EQ(values_of(loader).size(), 8);
  EXPECT_EQ(values_of(loader).size(), 10) << "the next epoch is whole";
  DataLoader stream(Count{0, 10}, {.batch_size = 2});
  for ([[maybe_unused]] auto& batch : stream) break;
  DataLoader two(Count{0, 10}, {.batch_size = 2, .num_workers = 2});
  EXPECT_EQ(
      error_of([&] { two.load_state_dict(stream.state_dict()); }),
      "DataLoader: the state is of 1 workers, but the loader has 2: an iterable dataset can only be continued by as "
      "many.");
  Dict state = loader.state_dict();
  state.set("version", 2);
  EXPECT_EQ(error_of([&] { loader.load_state_dict(state); }), "DataLoader: expected a state of version 1.");
}

TEST(DataLoader, PinMemoryIsNoErrorWithoutCuda) {
  DataLoader loader(Squares{4}, {.num_workers = 1, .pin_memory = true});
  EXPECT_EQ(values_of(loader), squares(4));
}

}  // namespace
}  // namespace bisque::data
