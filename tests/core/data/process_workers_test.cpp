// Process workers that crash, are killed, or are abandoned: no hang, no zombie, no lost or repeated sample.
#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <latch>
#include <random>
#include <set>
#include <thread>

#include <bisque/core/data/data_loader.h>
#include <bisque/core/data/tensor_dataset.h>
#include <bisque/tests/core/data/data_testing.h>

namespace bisque::data {
namespace {

using namespace test;
using at::Tensor;
using Ints = std::vector<int64_t>;
constexpr auto kProcess = WorkerKind::kProcess;

/// Process ids of the children of this process.
std::set<int> children() {
  std::set<int> found;
  std::ifstream list("/proc/self/task/" + std::to_string(getpid()) + "/children");
  for (int pid; list >> pid;) found.insert(pid);
  return found;
}

size_t open_files() {
  size_t count = 0;
  DIR* folder = opendir("/proc/self/fd");
  while (readdir(folder)) ++count;
  closedir(folder);
  return count;
}

/// Mappings of shared memory that contain batches.
size_t mapped_blocks() {
  size_t count = 0;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) count += line.find("bisque_batch") != std::string::npos ? 1 : 0;
  return count;
}

struct Fatal {
  std::function<void(int64_t)> at;
  int64_t size() const { return 20; }
  int64_t operator[](int64_t i) const {
    at(i);
    return i;
  }
};

struct Result {
  Ints values;
  std::vector<std::string> errors;
  Ints lost;  // of the batches of errors
};

/// An epoch, left after a given number of batches and errors.
template <class Loader>
Result run(Loader& loader, size_t most = SIZE_MAX) {
  Result result;
  auto epoch = loader.epoch();
  for (size_t count = 0; count < most; ++count) {
    try {
      auto batch = epoch.next();
      if (!batch) return result;
      const auto* first = batch->template const_data_ptr<int64_t>();
      result.values.insert(result.values.end(), first, first + batch->numel());
    } catch (const LoaderError& error) {
      result.errors.push_back(error.what());
      result.lost.insert(result.lost.end(), error.indices().begin(), error.indices().end());
    }
  }
  return result;
}

void expect_all_once(const Result& result, int64_t count) {
  Ints seen = result.values;
  seen.insert(seen.end(), result.lost.begin(), result.lost.end());
  std::sort(seen.begin(), seen.end());
  Ints expected;
  for (int64_t i = 0; i < count; ++i) expected.push_back(i);
  EXPECT_EQ(seen, expected);
}

TEST(ProcessWorkers, ReportHowTheyEndedAndOnWhat) {
  const auto end = [](std::function<void(int64_t)> at) {
    DataLoader loader(Fatal{std::move(at)}, {.batch_size = 2, .num_workers = 2, .worker_kind = kProcess});
    Result result;
    for (int epoch = 0; epoch < 2; ++epoch) {
      result = run(loader);
      expect_all_once(result, 20);
      EXPECT_EQ(result.errors.size(), 1);
      EXPECT_EQ(result.lost, (Ints{6, 7}));
    }
    std::string message = result.errors.at(0);
    const size_t pid = message.find("process ") + 8;
    return message.replace(pid, message.find(' ', pid) - pid, "N");
  };
  const std::string start = "DataLoader: worker 1, sample 7: its process N ";
  EXPECT_EQ(end([](int64_t i) { i == 7 ? _exit(3) : void(); }), start + "ended with exit status 3.");
  EXPECT_EQ(end([](int64_t i) { i == 7 ? void(raise(SIGKILL)) : void(); }), start + "was killed by signal 9 (Killed).");
  EXPECT_EQ(end([](int64_t i) { i == 7 ? void(raise(SIGTERM)) : void(); }),
            start + "was killed by signal 15 (Terminated).");
  EXPECT_TRUE(children().empty());
}

TEST(ProcessWorkers, KilledInAStreamNameTheRecordTheyWereOn) {
  struct Stream {
    auto iter() const {
      return [at = int64_t{0}]() mutable -> std::optional<int64_t> {
        if (at == 5) raise(SIGKILL);
        return at < 9 ? std::optional(at++) : std::nullopt;
      };
    }
  };
  DataLoader loader(Stream(), {.batch_size = 2, .num_workers = 1, .worker_kind = kProcess});
  auto epoch = loader.epoch();
  EXPECT_EQ(epoch.next()->sum().item<int64_t>(), 1);
  EXPECT_EQ(epoch.next()->sum().item<int64_t>(), 5);
  const std::string message = error_of([&] { epoch.next(); });
  EXPECT_NE(message.find("DataLoader: worker 0, sample 5: its process "), std::string::npos) << message;
}

TEST(ProcessWorkers, KilledWhileIdleAreReplacedWithoutLoss) {
  for (const bool persistent : {false, true}) {
    DataLoader loader(Fatal{[](int64_t) {}},
                      {.batch_size = 2, .num_workers = 2, .worker_kind = kProcess, .persistent_workers = persistent});
    run(loader);
    for (const int pid : children()) kill(pid, SIGKILL);
    const Result result = run(loader);
    EXPECT_EQ(result.errors.size(), 2);
    for (const std::string& error : result.errors) {
      EXPECT_NE(error.find("was killed by signal 9 (Killed) while it loaded no batch."), std::string::npos) << error;
    }
    expect_all_once(result, 20);
    EXPECT_TRUE(run(loader).errors.empty());
  }
}

TEST(ProcessWorkers, RunOpsAfterAParallelOpOfTheParent) {
  const Tensor big = at::rand({500, 500});
  const double sum = big.matmul(big).sum().item<double>();  // starts the thread pool
  struct Ops {
    Tensor big;
    int64_t size() const { return 4; }
    Tensor operator[](int64_t) const { return big.matmul(big).sum(); }
  };
  DataLoader loader(Ops{big}, {.num_workers = 2, .worker_kind = kProcess});
  for (Tensor& batch : loader) EXPECT_NEAR(batch.item<double>() / sum, 1, 1e-4);
}

TEST(ProcessWorkers, AreForkedWhileOtherThreadsWork) {
  struct Random {
    int64_t size() const { return 4; }
    Tensor operator[](int64_t) const { return at::rand({20}); }
  };
  std::atomic<bool> is_done = false;
  std::latch initialised(2);  // torch, which docs/data.md says no other thread may do while a loader is made
  std::vector<std::thread> others;
  for (int i = 0; i < 2; ++i) {
    others.emplace_back([&] {
      const auto work = [] { at::rand({100000}).matmul(at::rand({100000})); };
      work();
      initialised.count_down();
      while (!is_done) work();
    });
  }
  initialised.wait();
  std::string error;
  for (int i = 0; i < 20 && error.empty(); ++i) {
    error = error_of([] {
      DataLoader loader(Random(), {.num_workers = 2, .worker_kind = kProcess, .timeout = 60});
      for (Tensor& batch : loader) EXPECT_EQ(batch.numel(), 20);
    });
  }
  is_done = true;
  for (std::thread& other : others) other.join();
  EXPECT_EQ(error, "");
}

TEST(ProcessWorkers, DieWithALoaderThatIsLeftWithinASample) {
  for (const bool persistent : {false, true}) {
    {
      DataLoader loader(Fatal{[](int64_t i) { i > 0 ? void(sleep(60)) : void(); }},
                        {.num_workers = 2, .worker_kind = kProcess, .persistent_workers = persistent});
      auto epoch = loader.epoch();
      EXPECT_EQ(epoch.next()->item<int64_t>(), 0);
    }
    EXPECT_TRUE(children().empty());
  }
}

TEST(ProcessWorkers, CannotSendWhatIsNotDense) {
  const auto sparse = [](const Ints&) { return at::eye(3).to_sparse(); };
  DataLoader loader(Squares{1}, {.num_workers = 1, .worker_kind = kProcess}, sparse);
  EXPECT_EQ(error_of([&] { loader.begin(); }),
            "DataLoader: worker 0, batch of samples 0: DataLoader: a worker process can send dense tensors on the CPU "
            "only, but got one that is Sparse on cpu.");
}

TEST(ProcessWorkers, SendStridedSharedAndLargeValues) {
  const auto views = [](const Ints& samples) {
    const Tensor whole = empty_batch({300, 200}, at::kFloat).fill_(static_cast<double>(samples[0]));
    return std::tuple(whole.t(), whole.slice(0, 100, 200), at::rand({200, 300}).t(), std::string(300000, 'x'),
                      Tensor());
  };
  DataLoader loader(Squares{6}, {.num_workers = 2, .worker_kind = kProcess, .prefetch_factor = 3}, views);
  int64_t i = 0;
  for (auto& [turned, part, copied, text, none] : loader) {
    EXPECT_TRUE(turned.equal(at::full({200, 300}, static_cast<float>(i * i))) && !turned.is_contiguous());
    EXPECT_TRUE(part.equal(at::full({100, 200}, static_cast<float>(i * i))));
    EXPECT_EQ(copied.sizes(), (Ints{300, 200}));
    EXPECT_EQ(text, std::string(300000, 'x'));
    EXPECT_FALSE(none.defined());
    ++i;
  }
  EXPECT_EQ(i, 6);
}

TEST(ProcessWorkers, SendValues) {
  const auto values = [](const Ints& samples) {
    return Value(Dict{{"large", at::full({100, 100}, samples[0])},
                      {"all", List{Value(), Value(true), Value(7), Value(0.5), Value("text"), Value(Bytes{"b", true})}},
                      {"nested", Tuple{Value(OrderedDict{{"a", at::ones({2})}}), Value(Items{{1, 2}})}}});
  };
  DataLoader loader(Squares{3}, {.num_workers = 2, .worker_kind = kProcess}, values);
  int64_t i = 0;
  for (const Value& batch : loader) {
    const Dict& dict = batch.as<Dict>();
    EXPECT_TRUE(dict.at("large").as<Tensor>().equal(at::full({100, 100}, i * i)));
    const List& all = dict.at("all").as<List>();
    EXPECT_TRUE(all[0].is_none() && all[1].as<bool>() && all[2].as<int64_t>() == 7 && all[3].as<double>() == 0.5);
    EXPECT_TRUE(all[4].as<std::string>() == "text" && all[5].as<Bytes>() == (Bytes{"b", true}));
    const Tuple& nested = dict.at("nested").as<Tuple>();
    EXPECT_EQ(nested[0].as<OrderedDict>().at("a").as<Tensor>().numel(), 2);
    EXPECT_EQ(nested[1].as<Items>().at(1).as<int64_t>(), 2);
    ++i;
  }
  EXPECT_EQ(i, 3);
  const auto opaque = [](const Ints&) { return Value::of(std::pair(1, 2)); };
  DataLoader rejected(Squares{1}, {.num_workers = 1, .worker_kind = kProcess}, opaque);
  EXPECT_EQ(error_of([&] { rejected.begin(); }),
            "DataLoader: worker 0, batch of samples 0: DataLoader: a worker process cannot send a value of type pair.");
}

TEST(ProcessWorkers, UseTheirSharedMemoryAgain) {
  const TensorDataset dataset(at::rand({64, 100, 100}));
  const size_t files = open_files();
  {
    DataLoader loader(dataset, {.batch_size = 8, .num_workers = 2, .worker_kind = kProcess});
    size_t after_first = 0;
    for (int epoch = 0; epoch < 100; ++epoch) {
      for ([[maybe_unused]] auto& batch : loader) {
      }
      if (epoch == 4) after_first = mapped_blocks();
    }
    EXPECT_LE(mapped_blocks(), std::max<size_t>(after_first + 2, 10));
  }
  EXPECT_EQ(mapped_blocks(), 0);
  EXPECT_EQ(open_files(), files);
  EXPECT_TRUE(children().empty());
}

TEST(ProcessWorkers, EndWithTheirParent) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int middle = fork();
  if (middle == 0) {  // a parent that is killed while its worker sleeps
    DataLoader loader(Fatal{[](int64_t) { sleep(60); }}, {.num_workers = 1, .worker_kind = kProcess});
    auto epoch = loader.epoch();
    const int worker = *children().begin();
    if (write(ends[1], &worker, sizeof(worker)) < 0) _exit(1);
    raise(SIGKILL);
  }
  int worker = 0;
  ASSERT_EQ(read(ends[0], &worker, sizeof(worker)), static_cast<ssize_t>(sizeof(worker)));
  waitpid(middle, nullptr, 0);
  bool is_gone = false;
  for (int i = 0; i < 500 && !is_gone; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::ifstream status("/proc/" + std::to_string(worker) + "/stat");
    std::string pid, name, state;
    is_gone = !(status >> pid >> name >> state) || state == "Z";
  }
  EXPECT_TRUE(is_gone);
  close(ends[0]);
  close(ends[1]);
}

/// One random life of a loader (BISQUE_LOADER_LIVES=1000 for many): its epochs are read to the end or left, its workers
/// fail or are killed.
void live_once(uint32_t seed) {
  std::mt19937 random(seed);
  const auto chance = [&](uint32_t of) { return random() % of == 0; };
  const auto kind = chance(3) ? WorkerKind::kThread : kProcess;
  const int64_t bad = chance(3) ? static_cast<int64_t>(random() % 20) : -1;
  DataLoaderOptions options{.batch_size = 1 + static_cast<int64_t>(random() % 4),
                            .num_workers = 1 + static_cast<int>(random() % 3),
                            .worker_kind = kind,
                            .prefetch_factor = 1 + static_cast<int>(random() % 3),
                            .persistent_workers = chance(2),
                            .in_order = chance(2)};
  DataLoader loader(Fatal{[bad](int64_t i) {
                      if (i == bad) throw std::runtime_error("bad");
                    }},
                    options);
  size_t kills = 0, errors = 0;
  for (int epochs = 1 + static_cast<int>(random() % 3); epochs > 0; --epochs) {
    const bool leaves = chance(3);
    std::thread killer;
    if (kind == kProcess && chance(2)) {
      const auto pids = children();
      const auto which = static_cast<std::ptrdiff_t>(random() % pids.size());
      killer = std::thread([pid = *std::next(pids.begin(), which), wait = random() % 3000] {
        std::this_thread::sleep_for(std::chrono::microseconds(wait));
        kill(pid, SIGKILL);
      });
      ++kills;
    }
    const Result result = run(loader, leaves ? random() % 8 : SIZE_MAX);
    if (killer.joinable()) killer.join();
    errors += result.errors.size();
    ASSERT_LE(errors, kills + (bad < 0 ? 0 : 3)) << "nothing is lost without cause";
    const std::set<int64_t> once(result.values.begin(), result.values.end());
    ASSERT_EQ(once.size(), result.values.size()) << "nothing comes twice";
    if (!leaves) expect_all_once(result, 20);
  }
}

TEST(ProcessWorkers, SurviveRandomLives) {
  const size_t files = open_files();
  const char* given = std::getenv("BISQUE_LOADER_LIVES");
  const auto lives = static_cast<uint32_t>(given ? std::atoi(given) : 100);
  for (uint32_t seed = 0; seed < lives && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    live_once(seed);
  }
  EXPECT_TRUE(children().empty());
  EXPECT_EQ(open_files(), files);
  EXPECT_EQ(mapped_blocks(), 0);
}

}  // namespace
}  // namespace bisque::data
