#include <bisque/renderer/takes/timecode.h>

#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;

TakeRows placed(const std::vector<std::string>& texts, const std::optional<FrameRate>& rate = {}) {
  std::vector<Timecode> timecodes;
  for (const std::string& text : texts) timecodes.push_back(parse_timecode(text).value());
  TakeRows rows;
  place_timecodes(
      timecodes, rate, [](size_t row) { return "row " + std::to_string(row); }, rows);
  return rows;
}

TEST(Timecode, ReadsHoursToSubFrames) {
  const auto timecode = parse_timecode("01:02:03:04.250");
  ASSERT_TRUE(timecode);
  EXPECT_EQ(timecode->seconds, 3723);
  EXPECT_DOUBLE_EQ(timecode->frame, 4.25);
  EXPECT_DOUBLE_EQ(parse_timecode("23:59:59:119")->frame, 119);
  EXPECT_DOUBLE_EQ(parse_timecode("0:0:0:0.5")->frame, 0.5);
  EXPECT_DOUBLE_EQ(parse_timecode("00:00:00:07.2404")->frame, 7.2404);
}

TEST(Timecode, RefusesOtherText) {
  for (const char* text :
       {"", "00:00:00", "00:00:00:", "00:00:00:00.", "24:00:00:00", "00:60:00:00", "00:00:60:00", "00:00:00;00",
        "00:00:00:00.1.2", "-1:00:00:00", "00:00:00:-1", "00:00:00:00 ", " 00:00:00:00", "000:00:00:00",
        "00:00:00:12345", "00:00:00:00.1234567890", "a0:00:00:00", "00:00:00:0x1", "00:00:00:nan"}) {
    EXPECT_FALSE(parse_timecode(text)) << text;
  }
}

TEST(Timecode, GuessesTheSmallestUsualRateAboveTheLargestFrame) {
  const std::vector<std::pair<int, int64_t>> cases{{0, 24},  {23, 24}, {24, 25}, {25, 30}, {29, 30},  {30, 48},
                                                   {47, 48}, {48, 50}, {50, 60}, {59, 60}, {60, 120}, {119, 120}};
  for (const auto& [frame, rate] : cases) {
    const TakeRows rows = placed({"00:00:00:00", "00:00:00:" + std::to_string(frame) + ".999", "00:00:01:00"});
    EXPECT_EQ(rows.rate.num, rate) << frame;
    EXPECT_EQ(rows.rate.den, 1);
    EXPECT_TRUE(rows.rate_is_guess);
  }
  EXPECT_EQ(
      error_of([] {
        placed({"00:00:00:00", "00:00:00:120"});
      }),
      "row 1: frame 120 of its second is beyond 120 Hz, the highest rate that is guessed; the rate must be given.");
}

TEST(Timecode, CountsFramesSinceMidnight) {
  const TakeRows rows = placed({"00:00:01:59.5", "01:00:00:00"});
  EXPECT_DOUBLE_EQ(rows.frames[0], 60 + 59.5);
  EXPECT_DOUBLE_EQ(rows.frames[1], 3600 * 60);
}

TEST(Timecode, AGivenRateIsNoGuess) {
  const TakeRows rows = placed({"00:00:01:02"}, FrameRate{60, 1});
  EXPECT_FALSE(rows.rate_is_guess);
  EXPECT_DOUBLE_EQ(rows.frames[0], 62);
  EXPECT_DOUBLE_EQ(placed({"00:00:10:02"}, FrameRate{30000, 1001}).frames[0], 302);
  EXPECT_EQ(error_of([] {
              placed({"00:00:01:29", "00:00:01:30"}, FrameRate{30000, 1001});
            }),
            "row 1: frame 30 of its second is not below the rate of 30000/1001 Hz.");
}

TEST(Timecode, PassesMidnight) {
  const TakeRows rows = placed({"23:59:59:58", "23:59:59:59", "00:00:00:00", "00:00:00:01"}, FrameRate{60, 1});
  for (size_t i = 1; i < rows.frames.size(); ++i) EXPECT_DOUBLE_EQ(rows.frames[i] - rows.frames[i - 1], 1);
}

TEST(Timecode, RefusesTimeThatGoesBackwards) {
  EXPECT_EQ(error_of([] {
              placed({"00:00:00:05", "00:00:00:04"});
            }),
            "row 1: its timecode is earlier than that of the row before, expected rising times.");
  EXPECT_NE(error_of([] { placed({"12:00:00:00", "00:00:00:00"}); }), "");  // just 12 hours
  EXPECT_EQ(error_of([] { placed({"00:00:00:05", "00:00:00:05"}); }), "");
}

}  // namespace
}  // namespace bisque
