#include <bisque/renderer/takes/take_table.h>

#include <cmath>
#include <functional>

#include <bisque/renderer/takes/resample.h>

#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;
using Strings = std::vector<std::string>;

// One column; row i, on line i + 2, has the value 10 * i.
TakeTable table_at(const Strings& times, const std::string& name = "Timecode") {
  TakeTable table;
  table.names = {"jawOpen"};
  table.time.name = name;
  table.time.unit = time_unit_of(name);
  for (size_t i = 0; i < times.size(); ++i) {
    table.values.push_back(10 * static_cast<float>(i));
    table.lines.push_back(static_cast<int64_t>(i) + 2);
    table.time.cells.push_back(parse_time(times[i]));
  }
  return table;
}

TakeRows ordered(TakeTable table, const std::optional<FrameRate>& rate = {}) {
  return order_rows(std::move(table), rate, "a.csv");
}
TakeRows ordered(const Strings& times, const std::optional<FrameRate>& rate = {}) {
  return ordered(table_at(times), rate);
}
std::string order_error(const Strings& times, const std::optional<FrameRate>& rate = {}) {
  return error_of([&] { ordered(times, rate); });
}

// Times of `count` rows at 30 Hz, in seconds.
Strings seconds(int count) {
  Strings times;
  for (int i = 0; i < count; ++i) times.push_back(std::to_string(i / 30.0));
  return times;
}

TEST(OrderRows, GuessesTheSmallestUsualRateAboveTheLargestFrame) {
  const std::vector<std::pair<int, int64_t>> cases{{0, 24},  {23, 24}, {24, 25}, {25, 30}, {29, 30},  {30, 48},
                                                   {47, 48}, {48, 50}, {50, 60}, {59, 60}, {60, 120}, {119, 120}};
  for (const auto& [frame, rate] : cases) {
    const TakeRows rows = ordered({"00:00:00:00", "00:00:00:" + std::to_string(frame) + ".999", "00:00:01:00"});
    EXPECT_EQ(rows.rate.num, rate) << frame;
    EXPECT_EQ(rows.rate.den, 1);
    EXPECT_TRUE(rows.rate_is_guess);
  }
  EXPECT_EQ(order_error({"00:00:00:00", "00:00:00:120"}),
            "a.csv: line 3: frame 120 of its second is beyond 120 Hz, the highest rate that is guessed; the rate must "
            "be given.");
}

TEST(OrderRows, DropFrameTimecodesAreNtsc) {
  const TakeRows rows = ordered({"00:00:59;28", "00:00:59;29", "00:01:00;02", "00:01:00;03"});
  EXPECT_EQ(rows.rate.num, 30000);
  EXPECT_EQ(rows.rate.den, 1001);
  EXPECT_EQ(rows.frames, (std::vector<double>{1798, 1799, 1800, 1801}));
  EXPECT_EQ(ordered({"00:00:00;45", "00:00:00;46"}).rate.num, 60000);
  // Numbers that drop-frame timecode does not have: the ; says nothing.
  const TakeRows plain = ordered({"00:00:59;29", "00:01:00;00", "00:01:00;01"}, FrameRate{30, 1});
  EXPECT_EQ(plain.frames, (std::vector<double>{1799, 1800, 1801}));
}

TEST(OrderRows, AGivenRateIsNoGuess) {
  const TakeRows rows = ordered({"00:00:01:02"}, FrameRate{60, 1});
  EXPECT_FALSE(rows.rate_is_guess);
  EXPECT_DOUBLE_EQ(rows.frames[0], 62);
  EXPECT_EQ(order_error({"00:00:01:29", "00:00:01:30"}, FrameRate{30000, 1001}),
            "a.csv: line 3: frame 30 of its second is not below the rate of 30000/1001 Hz.");
}

TEST(OrderRows, AFewFramesBeyondTheRateAreUnreadable) {
  const TakeRows rows = ordered({"00:00:00:00", "00:00:00:999", "00:00:00:02", "00:00:00:03"});
  EXPECT_EQ(rows.frames, (std::vector<double>{0, 2, 3}));
  EXPECT_EQ(rows.notes, Strings{"1 row without a readable time is dropped, the first on line 3."});
}

TEST(OrderRows, PassesMidnight) {
  const TakeRows rows = ordered({"23:59:59:58", "23:59:59:59", "00:00:00:00", "00:00:00:01"}, FrameRate{60, 1});
  for (size_t i = 1; i < rows.frames.size(); ++i) EXPECT_DOUBLE_EQ(rows.frames[i] - rows.frames[i - 1], 1);
  EXPECT_TRUE(rows.notes.empty());
  const TakeRows mixed = ordered({"23:59:59:58", "00:00:00:00", "23:59:59:59", "00:00:00:01"}, FrameRate{60, 1});
  EXPECT_EQ(mixed.frames, rows.frames);
  EXPECT_EQ(mixed.values, (std::vector<float>{0, 20, 10, 30}));
  const TakeRows clock = ordered(table_at({"23:59:59.5", "00:00:00.5", "00:00:01.5"}, "time"));
  EXPECT_DOUBLE_EQ(clock.frames[2] - clock.frames[0], 2 * clock.rate.hz());
}

TEST(OrderRows, SortsByTimeAndCountsTheFewestMoves) {
  const TakeRows swapped =
      ordered({"00:00:00:00", "00:00:00:01", "00:00:00:04", "00:00:00:03", "00:00:00:02", "00:00:00:05"});
  EXPECT_EQ(swapped.values, (std::vector<float>{0, 10, 40, 30, 20, 50}));
  EXPECT_EQ(swapped.notes, Strings{"2 rows out of order are sorted by time, the first on line 4."});
  const TakeRows early = ordered({"00:00:00:05", "00:00:00:00", "00:00:00:01", "00:00:00:02"});
  EXPECT_EQ(early.notes, Strings{"1 row out of order is sorted by time, the first on line 2."});
}

TEST(OrderRows, OfEqualTimesTheLastWithValuesWins) {
  TakeTable table =
      table_at({"00:00:00:00", "00:00:00:01", "00:00:00:01", "00:00:00:01", "00:00:00:02", "00:00:00:03"});
  table.values[3] = kMissingValue;
  const TakeRows rows = ordered(table);
  EXPECT_EQ(rows.values, (std::vector<float>{0, 20, 40, 50}));
  EXPECT_EQ(rows.notes, Strings{"2 rows with the time of a later row are replaced by it, the first on line 3."});
}

TEST(OrderRows, WhereMostTimesRepeatRowsAreSpacedEvenly) {
  Strings coarse;
  for (int i = 0; i < 120; ++i) coarse.push_back(std::to_string(i / 25));
  const TakeRows rows = ordered(table_at(coarse, "time"));
  EXPECT_EQ(rows.num_rows(), 120);
  EXPECT_EQ(rows.frames[119], 119);
  EXPECT_EQ(rows.rate.num, 25);
  EXPECT_TRUE(rows.rate_is_guess);
  EXPECT_EQ(rows.notes,
            Strings{"Most times in the column \"time\" repeat, so it is too coarse to be the time; the rows "
                    "are spaced evenly at 25 Hz."});
  EXPECT_EQ(ordered(table_at(coarse, "time"), FrameRate{60, 1}).rate.num, 60);
  const TakeRows stuck = ordered(Strings(12, "00:00:00:00.000"));
  EXPECT_EQ(stuck.num_rows(), 12);
  EXPECT_EQ(stuck.rate.num, 30);
  const TakeRows pairs = ordered({"00:00:00:00", "00:00:00:00", "00:00:00:01", "00:00:00:01", "00:00:00:02",
                                  "00:00:00:02", "00:00:00:03", "00:00:00:03"});
  EXPECT_EQ(pairs.num_rows(), 8);
  EXPECT_EQ(pairs.rate.num, 48);  // two rows for each of 24 numbers
}

TEST(OrderRows, FillsRowsWithoutValuesLikeMissingFrames) {
  TakeTable table =
      table_at({"00:00:00:00", "00:00:00:01", "00:00:00:02", "00:00:00:03", "00:00:00:04", "00:00:00:05"});
  for (const size_t row : {0, 2, 3, 5}) table.values[row] = kMissingValue;
  const TakeRows rows = ordered(table);
  EXPECT_EQ(rows.values, (std::vector<float>{10, 10, 20, 30, 40, 40}));
  EXPECT_EQ(rows.notes,
            Strings{"4 rows without values (tracking lost) are filled from the rows around, the first on line 2."});
  const Take take = resample(rows);
  EXPECT_EQ(take.num_frames, 6);
  EXPECT_EQ(take.filled, 4);
  EXPECT_EQ(take.rows, 2);
  EXPECT_EQ(shared_rows(take), 0);
  EXPECT_EQ(take.notes, rows.notes);
}

TEST(OrderRows, ALongLossOfTrackingIsFilled) {
  TakeTable table = table_at(seconds(4000), "time");  // 133 seconds
  for (size_t row = 1; row + 1 < 4000; ++row) table.values[row] = kMissingValue;
  EXPECT_EQ(resample(ordered(table)).filled, 3998);
}

TEST(OrderRows, FillsSingleValues) {
  TakeTable table = table_at({"00:00:00:00", "00:00:00:01", "00:00:00:03", "00:00:00:04"});
  table.names = {"jawOpen", "jawLeft"};
  table.values = {0, 1, kMissingValue, 2, 3, kMissingValue, 4, kMissingValue};
  const TakeRows rows = ordered(table);
  EXPECT_EQ(rows.values, (std::vector<float>{0, 1, 1, 2, 3, 2, 4, 2}));
  EXPECT_EQ(rows.notes,
            Strings{"3 values without a finite number are filled from the rows around, the first on line 3."});
  EXPECT_EQ(resample(rows).rows, 4);
}

TEST(OrderRows, LeavesOutAFewRowsFarAway) {
  const Strings times{"00:00:00:00", "14:20:00:01", "14:20:00:02", "14:20:00:03", "14:20:00:04"};
  const TakeRows rows = ordered(times);
  EXPECT_EQ(rows.num_rows(), 4);
  EXPECT_EQ(rows.notes, Strings{"1 row more than 60 seconds away from all others is dropped, the first on line 2."});
  // Half of them are no strays: resample rejects the gap.
  EXPECT_EQ(ordered({"00:00:00:00", "11:00:00:00"}).num_rows(), 2);
}

TEST(OrderRows, RowsWithoutAReadableTimeAreLeftOut) {
  const TakeRows rows = ordered({"00:00:00:00", "", "00:00:00:02", "x"});
  EXPECT_EQ(rows.values, (std::vector<float>{0, 20}));
  EXPECT_EQ(rows.notes, Strings{"2 rows without a readable time are dropped, the first on line 3."});
  const TakeRows none = ordered(Strings{"", "x", "99:99"});
  EXPECT_EQ(none.frames, (std::vector<double>{0, 1, 2}));
  EXPECT_EQ(none.notes, Strings{"No time in the column \"Timecode\" can be read, so the rows are spaced evenly."});
}

TEST(OrderRows, ReadsNumbersInTheUnitThatFits) {
  const auto rate_of = [](const std::string& name, const std::function<double(int)>& time) {
    Strings times;
    for (int i = 0; i < 40; ++i) times.push_back(std::to_string(time(i)));
    const TakeRows rows = ordered(table_at(times, name));
    EXPECT_EQ(resample(rows).num_frames, 40) << name;
    return std::to_string(rows.rate.num) + (rows.rate_is_guess ? "?" : "");
  };
  EXPECT_EQ(rate_of("time", [](int i) { return i / 60.0; }), "60");
  EXPECT_EQ(rate_of("Timecode", [](int i) { return 5 + i / 60.0; }), "60");
  EXPECT_EQ(rate_of("Timecode", [](int i) { return 1000 + i; }), "30?");
  EXPECT_EQ(rate_of("Timecode", [](int i) { return 1000.25 + i; }), "30?");
  EXPECT_EQ(rate_of("Frame", [](int i) { return 7 + i; }), "30?");
  EXPECT_EQ(rate_of("timestamp", [](int i) { return std::floor(i * 1000 / 60.0); }), "60");
  EXPECT_EQ(rate_of("timestamp", [](int i) { return 1.7e9 + i / 30.0; }), "30");
  EXPECT_EQ(rate_of("timestamp", [](int i) { return 1.7e15 + std::floor(i * 1e6 / 60); }), "60");
  EXPECT_EQ(rate_of("timestamp", [](int i) { return std::floor(i * 1e9 / 24); }), "24");
  EXPECT_EQ(rate_of("time_ms", [](int i) { return i * 5.0; }), "200");
}

TEST(OrderRows, RowsWithoutATimeColumnFollowEachOther) {
  TakeTable table = table_at({"", ""});
  table.time = {};
  table.rate = FrameRate{48, 1};
  const TakeRows rows = ordered(table);
  EXPECT_EQ(rows.frames, (std::vector<double>{0, 1}));
  EXPECT_EQ(rows.rate.num, 48);
  EXPECT_FALSE(rows.rate_is_guess);
  EXPECT_EQ(ordered(table, FrameRate{24, 1}).rate.num, 24);
}

TEST(OrderRows, LeavesOutColumnsThatAreNone) {
  TakeTable table = table_at({"00:00:00:00"});
  table.names = {"", "jawOpen", "jawOpen", "note", "_neutral", ""};
  table.values = {1, 2, 3, kMissingValue, 4, kMissingValue};
  const TakeRows rows = ordered(table);
  EXPECT_EQ(rows.names, Strings{"jawOpen"});
  EXPECT_EQ(rows.values, std::vector<float>{2});
  EXPECT_EQ(rows.notes, (Strings{"1 column without a name is dropped.",
                                 "Only the first column of each name is used; repeated: jawOpen.",
                                 "Columns without any number are dropped: note.",
                                 "The column _neutral is ignored, as it is not a shape."}));
}

TEST(OrderRows, RejectsTablesOfNothing) {
  const auto error = [](const std::function<void(TakeTable&)>& change) {
    TakeTable table = table_at({"00:00:00:00", "00:00:00:01"});
    change(table);
    return error_of([&] { ordered(table); });
  };
  EXPECT_EQ(error([](TakeTable& table) { table = {}; }), "a.csv: holds no frame.");
  EXPECT_EQ(error([](TakeTable& table) {
              table.values = {kMissingValue, kMissingValue};
            }),
            "a.csv: holds no row with values.");
  EXPECT_EQ(error([](TakeTable& table) { table.names = {""}; }), "a.csv: has no column, expected one per shape.");
  EXPECT_EQ(error([](TakeTable& table) { table.names = {"a\x01"}; }),
            "a.csv: column 1 is named \"a\\x01\", expected UTF-8 without control characters.");
}

TEST(TimeUnit, IsKnownByTheName) {
  for (const char* name : {"Timecode", "timeCode", "TIME_CODE", "smpte"}) {
    EXPECT_EQ(time_unit_of(name), TimeUnit::kTimecode) << name;
  }
  for (const char* name : {"time", "Time (s)", "timestamp", "seconds", "t"}) {
    EXPECT_EQ(time_unit_of(name), TimeUnit::kSeconds) << name;
  }
  for (const char* name : {"time_ms", "timestampMs", "Time [ms]"}) {
    EXPECT_EQ(time_unit_of(name), TimeUnit::kMilliseconds) << name;
  }
  for (const char* name : {"frame", "Frame Number", "frame_index"}) {
    EXPECT_EQ(time_unit_of(name), TimeUnit::kFrames) << name;
  }
  for (const char* name : {"", "jawOpen", "mouthLeft", "tongueOut", "BlendshapeCount"}) {
    EXPECT_EQ(time_unit_of(name), TimeUnit::kNone) << name;
  }
}

}  // namespace
}  // namespace bisque
