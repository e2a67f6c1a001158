#include <bisque/core/ops/parallel.h>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <vector>

namespace bisque {
namespace {

/// How many ranges the loop is cut into with three threads. Each item is visited once.
int64_t num_ranges(int64_t n, int64_t grain) {
  const int before = at::get_num_threads();
  at::set_num_threads(3);
  std::vector<int> visits(static_cast<size_t>(n));
  std::atomic<int64_t> ranges{0};
  op::parallel_for(n, grain, [&](int64_t begin, int64_t end) {
    ++ranges;
    for (int64_t i = begin; i < end; ++i) ++visits[static_cast<size_t>(i)];
  });
  at::set_num_threads(before);
  EXPECT_EQ(visits, std::vector<int>(visits.size(), 1));
  return ranges;
}

TEST(ParallelFor, CutsAtTheGrain) {
  EXPECT_EQ(num_ranges(100, 100), 1);
  EXPECT_EQ(num_ranges(100, 50), 2);
  EXPECT_EQ(num_ranges(100, 1), 3);
  EXPECT_EQ(num_ranges(0, 1), 0);
}

TEST(ParallelFor, TestsLowerTheGrain) {
  const int64_t before = op::grain_limit.exchange(1);
  EXPECT_EQ(num_ranges(3, 1 << 20), 3);
  EXPECT_EQ(num_ranges(1, 1 << 20), 1);
  op::grain_limit.store(before);
  EXPECT_EQ(num_ranges(3, 1 << 20), 1);
}

}  // namespace
}  // namespace bisque
