// Programs that are killed while they save, and disks that fill up.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <functional>
#include <random>
#include <string>

#include <bisque/core/checkpoint/load.h>
#include <bisque/core/checkpoint/safetensors_state.h>
#include <bisque/core/checkpoint/save.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

/// A kind of file.
struct Format {
  const char* name;
  const char* file;
  std::function<void(const Dict&, const std::string&)> save;
  std::function<Value(const std::string&)> load;
};

const Format kPt{"pt", "net.pt", [](const Dict& state, const std::string& path) { save(state, path); },
                 [](const std::string& path) { return load(path); }};
const Format kSafetensors{"safetensors", "net.safetensors",
                          [](const Dict& state, const std::string& path) { save_safetensors(state, path); },
                          [](const std::string& path) { return Value(load_safetensors(path)); }};
const Format kSharded{"sharded", "net.safetensors.index.json", kSafetensors.save, kSafetensors.load};

/// A state of 3 MiB, all of one number.
Dict state_of(int number) {
  return {{"a", at::full({1 << 19}, number, at::kFloat)}, {"b", at::full({1 << 17}, number, at::kDouble)}};
}

/// The number that a whole file's state is of; -1 where it is of several.
int number_in(const Format& format, const std::string& path) {
  const Value state = format.load(path);
  const Dict& tensors = state.as<Dict>();
  const int number = tensors.at("a").as<at::Tensor>()[0].item<int>();
  for (const auto& [name, value] : state_of(number)) {
    if (!at::equal(value.as<at::Tensor>(), tensors.at(name).as<at::Tensor>())) return -1;
  }
  return number;
}

class AtomicSave : public testing::TestWithParam<Format> {};

constexpr int kHits = 100;  // kills in the midst of saving

/// Saves two states in turn until it is killed, which is after some microseconds.
void save_until_killed(const Format& format, const Dict (&states)[2], const std::string& path, unsigned microseconds) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      for (int i = 1;; i = 1 - i) format.save(states[i], path);
    } catch (const std::exception&) {
      ::_exit(1);
    }
  }
  ::usleep(microseconds);
  ::kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself";
}

TEST_P(AtomicSave, AKilledProgramLeavesAWholeFile) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "TSan lets no thread start behind a fork";
#endif
  const Format& format = GetParam();
  const TempFolder folder;
  const std::string path = folder / format.file;
  const Dict states[2]{state_of(0), state_of(1)};
  format.save(states[0], path);
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::uniform_int_distribution<unsigned> moment(0, 20'000);
  int hits = 0, kills = 0, seen[2]{};
  for (; hits < kHits && kills < 100 * kHits; ++kills) {
    ASSERT_NO_FATAL_FAILURE(save_until_killed(format, states, path, moment(random)));
    const int number = number_in(format, path);
    ASSERT_TRUE(number == 0 || number == 1) << "after " << kills << " kills";
    ++seen[number];
    // Its temporary file shows that it was killed during a save.
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      if (entry.path().extension() != ".tmp") continue;
      std::filesystem::remove(entry.path());
      ++hits;
    }
  }
  EXPECT_GE(hits, kHits) << kills << " kills";
  EXPECT_EQ(folder.num_files(), 1U);
  std::cout << "seed " << seed << ": " << kills << " kills, " << hits
            << " of them while it saved; found the first state " << seen[0] << " times and the second " << seen[1]
            << " times\n";
}

INSTANTIATE_TEST_SUITE_P(Formats, AtomicSave, testing::Values(kPt, kSafetensors),
                         [](const auto& info) { return info.param.name; });

class FullDisk : public testing::TestWithParam<Format> {};

/// The error of saving over a file, after which the file is unchanged and nothing else is left.
std::string error_of_saving_over(const Format& format, const std::string& folder, const std::function<void()>& fill) {
  const auto files = [&] {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) count += entry.path().has_filename() ? 1 : 0;
    return count;
  };
  const std::string path = folder + "/" + format.file;
  const Dict small{{"a", at::full({4}, 7.0)}};
  format.save(small, path);
  const size_t before = files();
  fill();
  const std::string message = error_of([&] { format.save(state_of(1), path); });
  EXPECT_EQ(files(), before);
  const Value left = format.load(path);
  EXPECT_TRUE(at::equal(left.as<Dict>().at("a").as<at::Tensor>(), at::full({4}, 7.0)));
  EXPECT_TRUE(message.starts_with(folder + "/net")) << message;
  return message;
}

TEST_P(FullDisk, ALimitOfTheSizeOfFiles) {
  const TempFolder folder;
  rlimit old;
  ::getrlimit(RLIMIT_FSIZE, &old);
  ::signal(SIGXFSZ, SIG_IGN);
  const std::string message = error_of_saving_over(GetParam(), folder.path(), [&] {
    const rlimit limit{1 << 20, old.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  });
  ::setrlimit(RLIMIT_FSIZE, &old);
  ::signal(SIGXFSZ, SIG_DFL);
  expect_contains(message, ": cannot be written (File too large).");
}

TEST_P(FullDisk, ASmallDisk) {
  const TempFolder folder;
  if (::mount("none", folder.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "no tmpfs can be mounted here (" << std::strerror(errno) << ")";
  }
  const std::string message = error_of_saving_over(GetParam(), folder.path(), [] {});
  ::umount2(folder.path().c_str(), MNT_DETACH);
  expect_contains(message, ": cannot be written (No space left on device).");
}

INSTANTIATE_TEST_SUITE_P(Formats, FullDisk, testing::Values(kPt, kSafetensors, kSharded),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace bisque
