#include <bisque/core/data/progress.h>

#include <sstream>
#include <stdexcept>

#include <bisque/core/data/data_loader.h>
#include <bisque/tests/core/data/data_testing.h>

namespace bisque::data {
namespace {

using namespace test;

/// What is shown of a loop over three batches, each of which takes a second; the last one may fail.
std::string shown(ProgressOptions options, bool fails = false) {
  std::ostringstream out;
  double now = 0;
  options.out = &out;
  options.seconds = [&] { return now; };
  DataLoader loader(Squares{5}, {.batch_size = 2});
  try {
    auto loop = progress(loader, options);
    for (at::Tensor& batch : loop) {
      now += 1;
      if (fails && batch.size(0) == 1) throw std::runtime_error("bad");
    }
  } catch (const std::runtime_error&) {
  }
  return out.str();
}

TEST(LoaderProgress, CountsBatches) {
  EXPECT_EQ(shown({.label = "train", .style = ProgressStyle::kLines}),
            "train: 0 of 3 batches\n"
            "train: 1 of 3 batches, 1.0/s, 0:02 left\n"
            "train: 2 of 3 batches, 1.0/s, 0:01 left\n"
            "train: 3 batches in 3.0 s (1.0/s)\n");
  EXPECT_NE(shown({.style = ProgressStyle::kBar}).find("\r[####################..........] 2 of 3 batches"),
            std::string::npos);
}

TEST(LoaderProgress, ALoopThatFailsReportsNoTotal) {
  const std::string lines = shown({.style = ProgressStyle::kBar}, true);
  EXPECT_TRUE(lines.ends_with("left\033[K\n")) << lines;
  EXPECT_EQ(lines.find(" in "), std::string::npos);
}

}  // namespace
}  // namespace bisque::data
