// Records of iterable datasets that throw or end their worker: each is reported once, and no other one is lost.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>

#include <bisque/core/data/combined.h>
#include <bisque/core/data/data_loader.h>
#include <bisque/tests/core/data/data_testing.h>

namespace bisque::data {
namespace {

using namespace test;
using at::Tensor;
using Ints = std::vector<int64_t>;
using OnRecord = std::function<void(int64_t)>;

/// 0 to count - 1, shared among the workers. `on_record` is called after the stream has moved on.
struct Records {
  int64_t count;
  OnRecord on_record;
  auto iter() const {
    const WorkerInfo* info = get_worker_info();
    const int64_t step = info ? info->num_workers : 1;
    return [at = info ? int64_t{info->id} : 0, step, count = count,
            on_record = on_record]() mutable -> std::optional<int64_t> {
      if (at >= count) return std::nullopt;
      const int64_t record = std::exchange(at, at + step);
      on_record(record);
      return record;
    };
  }
};

OnRecord throws_at(std::set<int64_t> bad) {
  return [bad = std::move(bad)](int64_t record) {
    if (bad.contains(record)) throw std::runtime_error("bad record " + std::to_string(record));
  };
}
OnRecord dies_at(std::set<int64_t> bad, const std::function<void()>& die) {
  return [bad = std::move(bad), die](int64_t record) {
    if (bad.contains(record)) die();
  };
}

std::vector<DataLoaderOptions> ways(bool only_processes = false) {
  std::vector<DataLoaderOptions> all;
  for (const int64_t batch_size : {1, 3, 4}) {
    for (const bool in_order : {true, false}) {
      if (!only_processes) all.push_back({.batch_size = batch_size, .in_order = in_order});
      for (const WorkerKind kind : {WorkerKind::kThread, WorkerKind::kProcess}) {
        if (only_processes && kind == WorkerKind::kThread) continue;
        for (const int workers : {1, 2, 3}) {
          all.push_back({.batch_size = batch_size, .num_workers = workers, .worker_kind = kind, .in_order = in_order});
        }
      }
    }
  }
  return all;
}

std::string name_of(const DataLoaderOptions& options) {
  const char* kind = options.worker_kind == WorkerKind::kThread ? "threads" : "processes";
  return std::to_string(options.num_workers) + " " + kind + ", batches of " + std::to_string(options.batch_size) +
         (options.in_order ? ", in order" : ", as completed");
}

struct Events {
  std::vector<Ints> batches;
  std::vector<std::string> errors;
  std::vector<Dict> states;  // after each batch or error

  Ints values(size_t from = 0) const {
    Ints all;
    for (size_t i = from; i < batches.size(); ++i) all.insert(all.end(), batches[i].begin(), batches[i].end());
    std::sort(all.begin(), all.end());
    return all;
  }
};

/// An epoch, left after a given number of batches and errors.
template <class Loader>
Events run_epoch(Loader& loader, size_t most = 10000) {
  Events events;
  auto epoch = loader.epoch();
  for (size_t i = 0; i < most; ++i) {
    try {
      const auto batch = epoch.next();
      if (!batch) return events;
      const auto* first = batch->template const_data_ptr<int64_t>();
      events.batches.emplace_back(first, first + batch->numel());
    } catch (const LoaderError& error) {
      events.errors.emplace_back(error.what());
    }
    events.states.push_back(loader.state_dict());
  }
  return events;
}

Ints all_but(int64_t count, const std::set<int64_t>& bad) {
  Ints all;
  for (int64_t i = 0; i < count; ++i) {
    if (!bad.contains(i)) all.push_back(i);
  }
  return all;
}

bool has_line(const std::vector<std::string>& lines, const std::string& part) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

TEST(BadRecords, ThatThrowAreReportedOnceAndNoOtherIsLost) {
  const std::set<int64_t> bad{0, 7, 8, 20, 22};
  for (const DataLoaderOptions& options : ways()) {
    SCOPED_TRACE(name_of(options));
    DataLoader loader(Records{23, throws_at(bad)}, options);
    for (int epoch = 0; epoch < 2; ++epoch) {
      const Events events = run_epoch(loader);
      EXPECT_EQ(events.values(), all_but(23, bad));
      EXPECT_EQ(events.errors.size(), bad.size());
      for (const int64_t record : bad) EXPECT_TRUE(has_line(events.errors, ": bad record " + std::to_string(record)));
    }
  }
}

TEST(BadRecords, ComeInTheirTurnAndTheirBatchIsFilledUp) {
  for (const int workers : {0, 1}) {
    for (const bool drop_last : {false, true}) {
      DataLoader loader(Records{10, throws_at({5})}, {.batch_size = 4, .drop_last = drop_last, .num_workers = workers});
      auto epoch = loader.epoch();
      EXPECT_TRUE(epoch.next()->equal(at::arange(4)));
      const std::string by = workers == 0 ? "" : "worker 0, ";
      EXPECT_EQ(error_of([&] { epoch.next(); }), "DataLoader: " + by + "sample 5: bad record 5");
      EXPECT_TRUE(epoch.next()->equal(at::tensor(Ints{4, 6, 7, 8})));
      const auto last = epoch.next();
      EXPECT_EQ(last.has_value(), !drop_last);
      EXPECT_FALSE(epoch.next());
    }
  }
}

TEST(BadRecords, ThatKillTheirWorkerAreReportedOnceAndNoOtherIsLost) {
  const std::set<int64_t> bad{0, 7, 8, 22};
  const std::map<std::string, std::function<void()>> ends{{"was killed by signal 9 (Killed).", [] { raise(SIGKILL); }},
                                                          {"ended with exit status 3.", [] { _exit(3); }},
                                                          {"was killed by signal 11 (Segmentation fault).", [] {
                                                             signal(SIGSEGV, SIG_DFL);  // not a sanitizer's handler
                                                             raise(SIGSEGV);
                                                           }}};
  for (const auto& [how, die] : ends) {
    for (const DataLoaderOptions& options : ways(/*only_processes=*/true)) {
      SCOPED_TRACE(name_of(options));
      DataLoader loader(Records{23, dies_at(bad, die)}, options);
      const Events events = run_epoch(loader);
      EXPECT_EQ(events.values(), all_but(23, bad));
      EXPECT_EQ(events.errors.size(), bad.size());
      for (const std::string& error : events.errors) EXPECT_NE(error.find(how), std::string::npos) << error;
      if (how[0] != 'e') break;  // one way suffices
    }
  }
}

TEST(BadRecords, LeaveStatesThatResume) {
  const std::set<int64_t> bad{3, 9, 10};
  for (const bool kills : {false, true}) {
    for (const DataLoaderOptions& options : ways(kills)) {
      if (options.num_workers == 3 || (kills && options.batch_size != 3)) continue;
      SCOPED_TRACE(name_of(options));
      const auto make = [&] {
        return DataLoader(Records{17, kills ? dies_at(bad, [] { raise(SIGKILL); }) : throws_at(bad)}, options);
      };
      auto loader = make();
      const Events whole = run_epoch(loader);
      ASSERT_EQ(whole.errors.size(), bad.size());
      for (size_t given = 1; given <= whole.states.size(); given += kills ? 3 : 1) {
        auto first = make();
        const Events before = run_epoch(first, given);
        auto second = make();
        second.load_state_dict(before.states.back());
        const Events after = run_epoch(second);
        Ints all = before.values(), rest = after.values();
        all.insert(all.end(), rest.begin(), rest.end());
        std::sort(all.begin(), all.end());
        EXPECT_EQ(all, all_but(17, bad)) << given;
        EXPECT_EQ(before.errors.size() + after.errors.size(), bad.size()) << given;
      }
    }
  }
}

TEST(BadRecords, OnlyBadOnesAreAsManyErrors) {
  for (const DataLoaderOptions& options : ways()) {
    SCOPED_TRACE(name_of(options));
    DataLoader loader(Records{12, [](int64_t record) { throw std::runtime_error(std::to_string(record)); }}, options);
    const Events events = run_epoch(loader);
    EXPECT_EQ(events.errors.size(), 12);
    EXPECT_TRUE(events.batches.empty());
  }
}

TEST(BadRecords, OfAStreamThatStandsStillEndItsPartWithAnError) {
  struct Stuck {
    OnRecord fail;
    auto iter() const {
      return [at = int64_t{0}, fail = fail]() mutable -> std::optional<int64_t> {
        if (at == 5) fail(at);
        return at++;
      };
    }
  };
  DataLoader throwing(Stuck{throws_at({5})}, {.batch_size = 2});
  const Events thrown = run_epoch(throwing);
  EXPECT_EQ(thrown.values(), (Ints{0, 1, 2, 3, 4}));
  ASSERT_EQ(thrown.errors.size(), 1000);
  EXPECT_EQ(thrown.errors[0], "DataLoader: sample 5: bad record 5");
  EXPECT_EQ(
      thrown.errors[999],
      "DataLoader: sample 1004: bad record 5; no record could be read for a long time, so the rest of this part of "
      "the dataset is skipped.");
  DataLoader dying(Stuck{dies_at({5}, [] { _exit(3); })},
                   {.batch_size = 2, .num_workers = 1, .worker_kind = WorkerKind::kProcess});
  const Events died = run_epoch(dying);
  EXPECT_EQ(died.values(), (Ints{0, 1, 2, 3}));
  ASSERT_EQ(died.errors.size(), 10);
  EXPECT_TRUE(has_line({died.errors[0]}, "ended with exit status 3."));
  EXPECT_TRUE(
      has_line({died.errors[9]},
               "ended with exit status 3; it crashes each time, so the rest of its part of the dataset is skipped."));
}

TEST(BadRecords, AnIterThatThrowsIsReportedByEachWorkerOnce) {
  struct Broken {
    auto iter() const {
      if (size_t{1} > 0) throw std::runtime_error("cannot open the data");
      return [] { return std::optional<int64_t>(); };
    }
  };
  for (const DataLoaderOptions& options : ways()) {
    SCOPED_TRACE(name_of(options));
    DataLoader loader(Broken(), options);
    for (int epoch = 0; epoch < 2; ++epoch) {
      const Events events = run_epoch(loader);
      EXPECT_EQ(events.errors.size(), std::max(1, options.num_workers));
      EXPECT_TRUE(has_line(events.errors, "cannot open the data"));
    }
  }
}

TEST(BadRecords, WorkersThatCannotStartAreReported) {
  for (const WorkerKind kind : {WorkerKind::kThread, WorkerKind::kProcess}) {
    DataLoaderOptions options{.num_workers = 2, .worker_kind = kind};
    options.worker_init_fn = [](int) { throw std::runtime_error("no worker"); };
    DataLoader stream(Records{5, throws_at({})}, options);
    EXPECT_EQ(run_epoch(stream).errors.size(), 2);
    DataLoader map(Squares{5}, options);
    EXPECT_EQ(run_epoch(map).errors.size(), 5);
  }
  DataLoaderOptions dying{.num_workers = 2, .worker_kind = WorkerKind::kProcess};
  dying.worker_init_fn = [](int id) { id == 1 ? _exit(4) : void(); };
  DataLoader map(Squares{8}, dying);
  const Events events = run_epoch(map);
  EXPECT_EQ(events.values(), (Ints{0, 4, 16, 36})) << "those of the other worker";
  EXPECT_TRUE(has_line(events.errors, "ended with exit status 4, again, before it began with this batch."));
  DataLoader stream(Records{8, throws_at({})}, dying);
  EXPECT_EQ(run_epoch(stream).values(), (Ints{0, 2, 4, 6}));
}

TEST(BadRecords, OfCollateLoseTheirBatchAlone) {
  const auto collate = [](const Ints& samples) {
    if (samples[0] == 2) _exit(5);
    return default_collate(samples);
  };
  DataLoader loader(Records{6, throws_at({})}, {.batch_size = 2, .num_workers = 1, .worker_kind = WorkerKind::kProcess},
                    collate);
  const Events events = run_epoch(loader);
  EXPECT_EQ(events.values(), (Ints{0, 1, 4, 5}));
  ASSERT_EQ(events.errors.size(), 1);
  EXPECT_TRUE(has_line(events.errors, "DataLoader: worker 0, batch 1: its process "));
}

TEST(BadRecords, PassThroughChainsAndMaps) {
  for (const WorkerKind kind : {WorkerKind::kThread, WorkerKind::kProcess}) {
    const auto double_it = [](int64_t record) {
      if (record == 2) throw std::runtime_error("no double");
      return 2 * record;
    };
    DataLoader loader(MappedDataset(ChainDataset({Records{3, throws_at({1})}, Records{3, throws_at({0})}}), double_it),
                      {.batch_size = 2, .num_workers = 1, .worker_kind = kind});
    const Events events = run_epoch(loader);
    EXPECT_EQ(events.values(), (Ints{0, 2}));
    EXPECT_EQ(events.errors.size(), 4);
    for (size_t given = 1; given <= events.states.size(); ++given) {
      loader.load_state_dict(events.states[given - 1]);
      const Events after = run_epoch(loader);
      EXPECT_EQ(events.states.size(), given + after.states.size());
    }
  }
}

TEST(BadRecords, AStreamThatSkipsIsNotReadWhenItResumes) {
  struct Skipping {
    struct Stream {
      int64_t at = 0;
      int64_t first_read = -1;
      std::optional<int64_t> operator()() {
        if (first_read < 0) first_read = at;
        return at < 9 ? std::optional(100 * first_read + at++) : std::nullopt;
      }
      int64_t skip(int64_t count) {
        const int64_t passed = std::min(count, 9 - at);
        at += passed;
        return passed;
      }
    };
    auto iter() const { return Stream(); }
  };
  DataLoader loader(Skipping(), {.batch_size = 3});
  auto before = run_epoch(loader, 2);
  loader.load_state_dict(before.states.back());
  EXPECT_EQ(run_epoch(loader).values(), (Ints{606, 607, 608}));
}

TEST(SharedMemory, ThatTheParentCannotMapIsALoaderErrorAndTheEpochGoesOn) {
  struct Large {
    int64_t size() const { return 12; }
    Tensor operator[](int64_t i) const { return at::full({1 << 22}, static_cast<double>(i)); }  // 16 MiB
  };
  for (const bool in_order : {true, false}) {
    DataLoader loader(Large(), {.num_workers = 2, .worker_kind = WorkerKind::kProcess, .in_order = in_order});
    rlimit before{};
    getrlimit(RLIMIT_AS, &before);
    int64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit little = before;
    little.rlim_cur = static_cast<rlim_t>(pages * sysconf(_SC_PAGESIZE)) + (8u << 20);
    std::set<int64_t> seen, lost;
    {
      auto epoch = loader.epoch();
      setrlimit(RLIMIT_AS, &little);
      for (int i = 0; i < 4; ++i) {
        try {
          seen.insert((*epoch.next())[0][0].item<int64_t>());
        } catch (const LoaderError& error) {
          EXPECT_TRUE(has_line({error.what()}, " bytes of shared memory: Cannot allocate memory")) << error.what();
          lost.insert(error.indices().at(0));
        }
      }
      setrlimit(RLIMIT_AS, &before);
      EXPECT_EQ(lost.size(), 4);
      for (size_t i = 0; i < 100 && seen.size() + lost.size() < 12; ++i) {
        try {
          seen.insert((*epoch.next())[0][0].item<int64_t>());
        } catch (const LoaderError& error) {  // of a block that was announced before
          lost.insert(error.indices().at(0));
        }
      }
      EXPECT_FALSE(epoch.next());
    }
    EXPECT_GE(seen.size(), 4);
    EXPECT_EQ(seen.size() + lost.size(), 12);
    std::set<int64_t> all;
    for (Tensor& batch : loader) all.insert(batch[0][0].item<int64_t>());
    EXPECT_EQ(all.size(), 12) << "the next epoch is whole";
  }
}

TEST(LoaderState, OfOtherBatchesOrAnotherDatasetIsRejected) {
  DataLoader loader(Squares{10}, {.batch_size = 2});
  run_epoch(loader, 2);
  const Dict state = loader.state_dict();
  DataLoader larger(Squares{10}, {.batch_size = 5});
  EXPECT_EQ(
      error_of([&] { larger.load_state_dict(state); }),
      "DataLoader: the state is of a loader with batch_size 2, but this loader has batch_size 5; expected the same.");
  EXPECT_EQ(run_epoch(larger).values().size(), 10) << "a state that is rejected changes nothing";
  DataLoader shorter(Squares{9}, {.batch_size = 2});
  EXPECT_EQ(error_of([&] { shorter.load_state_dict(state); }),
            "DataLoader: the state is of a dataset of 10 samples, but this loader's dataset has 9 samples; expected as "
            "many.");
  const auto batches = std::make_shared<ListSampler<IndexBatch>>(std::vector<IndexBatch>{{0, 1}, {2, 3}});
  DataLoader own(Squares{10}, {.batch_sampler = batches});
  EXPECT_EQ(error_of([&] { own.load_state_dict(state); }),
            "DataLoader: the state is of a loader with batch_size 2, but this loader has a batch_sampler; expected the "
            "same.");
  DataLoader stream(Count{0, 10}, {.batch_size = 2, .num_workers = 2});
  run_epoch(stream, 2);
  Dict broken = stream.state_dict();
  broken.set("fatal", List{});
  EXPECT_EQ(error_of([&] { stream.load_state_dict(broken); }),
            "DataLoader: the state has \"fatal\" for 0 workers; expected 2.");
  broken = stream.state_dict();
  broken.set("next_worker", 2);
  EXPECT_EQ(error_of([&] { stream.load_state_dict(broken); }),
            "DataLoader: the state continues with worker 2, but is of 2 workers.");
}

TEST(LoaderState, OfAnOlderVersionIsStillRead) {
  DataLoader loader(Count{0, 10}, {.batch_size = 2});
  run_epoch(loader, 2);
  Dict state = loader.state_dict();
  for (const char* name : {"failed", "fatal", "batch_size"}) EXPECT_TRUE(state.erase(name));
  loader.load_state_dict(state);
  EXPECT_EQ(run_epoch(loader).values(), (Ints{4, 5, 6, 7, 8, 9}));
}

}  // namespace
}  // namespace bisque::data
