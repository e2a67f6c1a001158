#include <bisque/core/keep_freed_memory.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <thread>

namespace bisque {
namespace {

constexpr size_t kPiece = size_t{5} << 20;
constexpr int kPieces = 6;  // together more than twice the largest, which is when glibc hands memory back

/// Uses and frees what a frame would.
void work() {
  std::unique_ptr<char[]> pieces[kPieces];
  for (auto& piece : pieces) {
    piece.reset(new char[kPiece]);
    std::memset(piece.get(), 1, kPiece);
  }
}

/// Pages that the system cleared during twenty rounds of work after a first one.
long cleared_pages() {
  work();
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  for (int i = 0; i < 20; ++i) work();
  getrusage(RUSAGE_SELF, &after);
  return after.ru_minflt - before.ru_minflt;
}

/// The result of `check` in a separate process, because malloc's settings apply to the process.
template <class Check>
int in_child(const Check& check) {
  const pid_t child = fork();
  if (child == 0) _exit(check());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

enum : int { kGood, kOtherMalloc, kCleared };

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitizerMalloc = true;
#else
constexpr bool kSanitizerMalloc = false;
#endif

TEST(KeepFreedMemory, TheSystemClearsNoPageTwice) {
  const int result = in_child([]() -> int {
    if (!keep_freed_memory()) return kOtherMalloc;
    return cleared_pages() < 1000 ? kGood : kCleared;  // a single round uses 7,680 pages of 4 KiB
  });
  if (result == kOtherMalloc || kSanitizerMalloc) GTEST_SKIP() << "malloc is not glibc's";
  EXPECT_EQ(result, kGood);
}

TEST(KeepFreedMemory, HoldsForOtherThreadsToo) {
  const int result = in_child([]() -> int {
    if (!keep_freed_memory()) return kOtherMalloc;
    long pages = 0;
    std::thread([&] { pages = cleared_pages(); }).join();
    return pages < 1000 ? kGood : kCleared;
  });
  if (result == kOtherMalloc || kSanitizerMalloc) GTEST_SKIP() << "malloc is not glibc's";
  EXPECT_EQ(result, kGood);
}

}  // namespace
}  // namespace bisque
