#include <bisque/core/data/progress.h>

#include <sstream>

#include <bisque/core/data/data_loader.h>
#include <bisque/tests/core/data/data_testing.h>

namespace bisque::data {
namespace {

using namespace test;

TEST(Progress, ShowsHowFarALoopIs) {
  std::ostringstream out;
  {
    ProgressBar bar(4, {.label = "train", .out = &out, .width = 8});
    bar.advance();
    EXPECT_EQ(bar.line().rfind("train  1/4 [##>.....]  0.0 s", 0), 0) << bar.line();
    bar.advance(3);
    EXPECT_EQ(bar.line().rfind("train  4/4 [########]  0.0 s", 0), 0) << bar.line();
  }
  EXPECT_EQ(out.str().front(), '\r');
  EXPECT_EQ(out.str().back(), '\n');
  std::ostringstream endless;
  ProgressBar without(std::nullopt, {.out = &endless});
  without.advance(5);
  EXPECT_EQ(without.line().rfind("5  0.0 s", 0), 0) << without.line();
}

TEST(Progress, GoesAlongWithALoader) {
  std::ostringstream out;
  int64_t sum = 0;
  DataLoader loader(Squares{5}, {.batch_size = 2});
  {
    auto loop = progress(loader, {.out = &out, .seconds = 0});
    for (at::Tensor& batch : loop) sum += batch.sum().item<int64_t>();
  }
  EXPECT_EQ(sum, 30);
  EXPECT_NE(out.str().find("\r3/3 ["), std::string::npos);
}

}  // namespace
}  // namespace bisque::data
