// Cases that end their process, exceed their time or print what GoogleTest prints. cpp_tests_test.py runs them; ctest
// does not know them.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace {

TEST(Good, Passes) {}

TEST(Good, PrintsWithoutEndOfLine) { std::printf("no end of line"); }

TEST(Good, PrintsTheLinesOfAnother) { std::printf("[       OK ] Bad.Crashes (0 ms)\n[ RUN      ] Good.Passes\n"); }

TEST(Good, IsSkipped) { GTEST_SKIP() << "for a reason"; }

TEST(Good, LeavesAChildThatKeepsTheOutput) {
  if (::fork() == 0) {
    ::sleep(600);
    ::_exit(0);
  }
}

TEST(Bad, Fails) { EXPECT_EQ(1 + 1, 3); }

TEST(Bad, Crashes) {
  std::puts("just before the crash");
  std::fflush(stdout);
  ::raise(SIGSEGV);
}

TEST(Bad, EndsTheProgram) { std::exit(0); }

TEST(Bad, Hangs) { ::sleep(600); }

TEST(Bad, SpoilsTheEnd) {
  std::atexit([] { ::_exit(23); });
}

class OfValues : public testing::TestWithParam<const char*> {};
TEST_P(OfValues, Fails) { FAIL() << GetParam(); }
TEST_P(OfValues, Passes) {}
INSTANTIATE_TEST_SUITE_P(Some, OfValues, testing::Values("a, b", "c (1 ms)"));

template <class T>
class OfTypes : public testing::Test {};
TYPED_TEST_SUITE(OfTypes, testing::Types<int>);
TYPED_TEST(OfTypes, Passes) {}

TEST(Last, Passes) {}

}  // namespace
