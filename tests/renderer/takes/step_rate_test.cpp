#include <bisque/renderer/takes/step_rate.h>

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bisque {
namespace {

std::vector<double> times(double hz, int count, double quantum) {
  std::vector<double> result;
  for (int i = 0; i < count; ++i) result.push_back(std::round(i / hz / quantum) * quantum);
  return result;
}

std::string rate_text(const std::optional<FrameRate>& rate) {
  return rate ? std::to_string(rate->num) + "/" + std::to_string(rate->den) : "none";
}

TEST(RateOfTimes, FindsUsualRatesInRoundedTimes) {
  for (const int hz : {10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120}) {
    for (const int count : {3, 12, 500}) {
      EXPECT_EQ(rate_text(rate_of_times(times(hz, count, 1e-3))), std::to_string(hz) + "/1") << count;
    }
  }
}

TEST(RateOfTimes, TellsNtscRatesApartWhereTimesAreExact) {
  EXPECT_EQ(rate_text(rate_of_times(times(30000 / 1001.0, 1000, 1e-6))), "30000/1001");
  EXPECT_EQ(rate_text(rate_of_times(times(60000 / 1001.0, 5000, 1e-3))), "60000/1001");
  EXPECT_EQ(rate_text(rate_of_times(times(60, 5000, 1e-3))), "60/1");
}

TEST(RateOfTimes, GapsDoNotCount) {
  std::vector<double> gaps = times(30, 20, 1e-3);
  for (size_t i = 8; i < gaps.size(); ++i) gaps[i] += 2;
  EXPECT_EQ(rate_text(rate_of_times(gaps)), "30/1");
}

TEST(RateOfTimes, OtherRatesAreWholeNumbers) {
  EXPECT_EQ(rate_text(rate_of_times(times(37, 100, 1e-6))), "37/1");
  EXPECT_EQ(rate_text(rate_of_times(times(5, 10, 1e-3))), "5/1");
  EXPECT_EQ(rate_text(rate_of_times(times(1, 3, 1))), "1/1");
  EXPECT_EQ(rate_text(rate_of_times(times(0.2, 3, 1))), "none");
  EXPECT_EQ(rate_text(rate_of_times(times(1e5, 30, 1e-9))), "1000/1");
}

TEST(RateOfTimes, NeedsTwoDifferentTimes) {
  EXPECT_EQ(rate_text(rate_of_times({})), "none");
  EXPECT_EQ(rate_text(rate_of_times(std::vector<double>{1, 1, 1})), "none");
}

TEST(RateOfCoarseTimes, CountsTheRowsOfASecond) {
  std::vector<double> seconds;
  for (int i = 17; i < 400; ++i) seconds.push_back(std::floor(i / 60.0));
  EXPECT_EQ(rate_text(rate_of_coarse_times(seconds)), "60/1");
  EXPECT_EQ(rate_text(rate_of_coarse_times(std::vector<double>{0, 0, 1, 1})), "none");
}

TEST(UsualStep, IsTheMedian) {
  EXPECT_EQ(usual_step(std::vector<double>{0, 0, 2, 4, 100}).value(), 2);
  EXPECT_FALSE(usual_step(std::vector<double>{3}));
}

}  // namespace
}  // namespace bisque
