#include <bisque/renderer/takes/resample.h>

#include <cmath>
#include <limits>
#include <random>

#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;

// One column; row i has the value 10 * i.
TakeRows rows_at(const std::vector<double>& frames, FrameRate rate = {60, 1}) {
  TakeRows rows;
  rows.names = {"a"};
  rows.frames = frames;
  rows.rate = rate;
  for (size_t i = 0; i < frames.size(); ++i) rows.values.push_back(10 * static_cast<float>(i));
  return rows;
}

std::vector<float> values_at(const std::vector<double>& frames) { return resample(rows_at(frames)).values; }

TEST(Resample, KeepsRegularRowsUnchanged) {
  const Take take = resample(rows_at({100.12, 101.12, 102.13}));
  EXPECT_EQ(take.values, (std::vector<float>{0, 10, 20}));
  EXPECT_EQ(take.num_frames, 3);
  EXPECT_EQ(take.rows, 3);
  EXPECT_EQ(take.filled, 0);
  EXPECT_EQ(shared_rows(take), 0);
}

TEST(Resample, CarriesNamesAndRate) {
  TakeRows rows = rows_at({0}, {30000, 1001});
  rows.rate_is_guess = true;
  const Take take = resample(rows);
  EXPECT_EQ(take.names, rows.names);
  EXPECT_EQ(take.rate.den, 1001);
  EXPECT_TRUE(take.rate_is_guess);
  EXPECT_FALSE(resample(rows_at({0})).rate_is_guess);
}

TEST(Resample, FillsAGapLinearly) {
  TakeRows rows = rows_at({5.5, 9.5});
  rows.names = {"a", "b"};
  rows.values = {0, 8, 4, -8};
  const Take take = resample(rows);
  EXPECT_EQ(take.num_frames, 5);
  EXPECT_EQ(take.filled, 3);
  EXPECT_EQ(take.values, (std::vector<float>{0, 8, 1, 4, 2, 0, 3, -4, 4, -8}));
}

TEST(Resample, ASubFrameStaysInItsFrame) {
  EXPECT_EQ(values_at({0.001, 1.999, 2.0, 3.999}), (std::vector<float>{0, 10, 20, 30}));
}

TEST(Resample, ADriftingClockLosesNoRow) {
  // Each row comes 1.0006 frames after the last, over two edges of a frame, with jitter on the way.
  std::mt19937 random(7);
  std::uniform_real_distribution<double> jitter(-0.002, 0.002);
  std::vector<double> frames;
  for (int i = 0; i < 4000; ++i) frames.push_back(0.12 + 1.0006 * i + jitter(random));
  const Take take = resample(rows_at(frames));
  EXPECT_EQ(shared_rows(take), 0);
  EXPECT_EQ(take.num_frames, static_cast<int64_t>(std::floor(frames.back())) + 1);
  EXPECT_EQ(take.filled, take.num_frames - 4000);
}

TEST(Resample, AFastClockSharesOneFrameAnEdge) {
  std::vector<double> frames;
  for (int i = 0; i < 4000; ++i) frames.push_back(0.5 + 0.9994 * i);  // 2.4 frames short over the take
  const Take take = resample(rows_at(frames));
  EXPECT_GE(shared_rows(take), 2);
  EXPECT_LE(shared_rows(take), 3);
  EXPECT_EQ(take.filled, 0);
}

TEST(Resample, RowsNearAnEdgeGetAFrameEach) {
  EXPECT_EQ(values_at({0, 0.999999, 2.000001, 2.999}), (std::vector<float>{0, 10, 20, 30}));
  EXPECT_EQ(values_at({0.9, 2.1, 2.9}), (std::vector<float>{0, 5, 10, 20}));
}

TEST(Resample, OfRowsInOneFrameTheLaterWins) {
  const Take take = resample(rows_at({0.1, 1.1, 1.1, 1.2, 2.1}));
  EXPECT_EQ(take.values, (std::vector<float>{0, 30, 40}));
  EXPECT_EQ(take.rows, 5);
  EXPECT_EQ(shared_rows(take), 2);
  EXPECT_EQ(values_at({0.9, 0.9, 1.9}), (std::vector<float>{10, 20}));  // a duplicate does not push the rest on
}

TEST(Resample, FillsFromTheRowThatWon) { EXPECT_EQ(values_at({0, 0, 2}), (std::vector<float>{10, 15, 20})); }

TEST(Resample, FilledRowsCountAsFilledAndReplaceNoOthers) {
  TakeRows rows = rows_at({0.1, 1.1, 1.2, 2.1, 3.1});
  rows.is_filled = {false, false, true, true, false};
  rows.notes = {"a note"};
  const Take take = resample(rows);
  EXPECT_EQ(take.values, (std::vector<float>{0, 10, 30, 40}));
  EXPECT_EQ(take.rows, 3);
  EXPECT_EQ(take.filled, 1);
  EXPECT_EQ(shared_rows(take), 0);
  EXPECT_EQ(take.notes, rows.notes);
}

TEST(Resample, RejectsBadTimes) {
  EXPECT_EQ(error_of([] { resample(rows_at({}), "a.csv"); }), "a.csv: holds no row.");
  EXPECT_EQ(error_of([] {
              resample(rows_at({1, 0}), "a.csv");
            }),
            "a.csv: row 1 is earlier than the row before, expected increasing times.");
  EXPECT_EQ(error_of([] { resample(rows_at({1e13}), "a.csv"); }),
            "a.csv: row 0 is at frame 1e+13, expected a number from -1e12 to 1e12.");
  EXPECT_NE(error_of([] { resample(rows_at({0, std::numeric_limits<double>::quiet_NaN()})); }), "");
  EXPECT_NE(error_of([] { resample(rows_at({-std::numeric_limits<double>::infinity()})); }), "");
}

TEST(Resample, RejectsAGapOfMoreThanAMinute) {
  EXPECT_EQ(resample(rows_at({0, 3600})).filled, 3599);
  EXPECT_EQ(error_of([] {
              resample(rows_at({0, 1, 3661.5}), "a.csv");
            }),
            "a.csv: rows 1 and 2 are 61.0083 seconds apart, expected at most 60 in one take.");
  EXPECT_NE(error_of([] { resample(rows_at({0, 1e12})); }), "");
}

TEST(Resample, RejectsToFillWithoutEnd) {
  std::vector<double> frames;
  for (int i = 0; i < 3000; ++i) frames.push_back(60'000.0 * i);
  TakeRows rows = rows_at(frames, {1000, 1});
  EXPECT_EQ(error_of([&] { resample(rows, "a.csv"); }),
            "a.csv: lacks 179937001 of its 179940001 frames, more than are filled in.");
}

// Times that rise by `smallest` to 1.5 frames, with some gaps.
std::vector<double> random_times(std::mt19937& random, double smallest) {
  std::vector<double> frames{std::uniform_real_distribution<double>(-50, 50)(random)};
  const int count = std::uniform_int_distribution<int>(1, 60)(random);
  for (int i = 1; i < count; ++i) {
    const bool gap = std::uniform_int_distribution<int>(0, 9)(random) == 0;
    frames.push_back(frames.back() + std::uniform_real_distribution<double>(smallest, gap ? 9 : 1.5)(random));
  }
  return frames;
}

TEST(Resample, EveryRowIsAFrameOrShared) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const std::vector<double> frames = random_times(random, 0);
    const Take take = resample(rows_at(frames));
    ASSERT_EQ(take.num_frames, static_cast<int64_t>(take.values.size()));
    ASSERT_LE(std::abs(static_cast<double>(take.num_frames) - (frames.back() - frames.front())), 2.5);
    ASSERT_GE(take.filled, 0);
    ASSERT_GE(shared_rows(take), 0);
    ASSERT_EQ(take.values.back(), 10 * static_cast<float>(frames.size() - 1));
    int64_t kept = 0;  // frames with the value of a row
    for (size_t i = 0; i < take.values.size(); ++i) {
      if (i > 0) {
        ASSERT_GT(take.values[i], take.values[i - 1]);
      }
      kept += std::fmod(take.values[i], 10.0F) == 0 ? 1 : 0;
    }
    ASSERT_GE(kept, take.rows - shared_rows(take));
  }
}

TEST(Resample, AFrameLiesLessThanOneFrameFromItsTime) {
  std::mt19937 random(2);
  int checked = 0;
  for (int round = 0; round < 400; ++round) {
    const std::vector<double> frames = random_times(random, 0.9);
    const Take take = resample(rows_at(frames));
    if (shared_rows(take) > 0) continue;  // then values between rows cannot be mapped back to times
    ++checked;
    for (size_t i = 0; i < take.values.size(); ++i) {
      const double row = take.values[i] / 10.0;
      const auto before = static_cast<size_t>(row);
      const size_t after = std::min(before + 1, frames.size() - 1);
      const double time = frames[before] + (row - static_cast<double>(before)) * (frames[after] - frames[before]);
      ASSERT_LT(std::abs(time - (std::floor(frames[0]) + static_cast<double>(i))), 1 + 1e-4) << round << " " << i;
    }
  }
  EXPECT_GT(checked, 100);
}

}  // namespace
}  // namespace bisque
