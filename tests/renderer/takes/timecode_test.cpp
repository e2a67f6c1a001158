#include <bisque/renderer/takes/timecode.h>

#include <gtest/gtest.h>

namespace bisque {
namespace {

TEST(Timecode, ReadsHoursToSubFrames) {
  const auto timecode = parse_timecode("01:02:03:04.250");
  ASSERT_TRUE(timecode);
  EXPECT_EQ(timecode->seconds, 3723);
  EXPECT_DOUBLE_EQ(timecode->frame, 4.25);
  EXPECT_FALSE(timecode->is_drop_frame);
  EXPECT_DOUBLE_EQ(parse_timecode("23:59:59:119")->frame, 119);
  EXPECT_DOUBLE_EQ(parse_timecode("0:0:0:0.5")->frame, 0.5);
  EXPECT_DOUBLE_EQ(parse_timecode("00:00:00:07.2404")->frame, 7.2404);
}

TEST(Timecode, ReadsDropFrame) {
  for (const char* text : {"01:02:03;04.5", "01;02;03;04.5"}) {
    const auto timecode = parse_timecode(text);
    ASSERT_TRUE(timecode) << text;
    EXPECT_EQ(timecode->seconds, 3723);
    EXPECT_DOUBLE_EQ(timecode->frame, 4.5);
    EXPECT_TRUE(timecode->is_drop_frame);
  }
}

TEST(Timecode, RejectsOtherText) {
  for (const char* text :
       {"", "00:00:00", "00:00:00:", "00:00:00:00.", "24:00:00:00", "00:60:00:00", "00:00:60:00", "00:00:00,00",
        "00:00:00:00.1.2", "-1:00:00:00", "00:00:00:-1", "00:00:00:00 ", " 00:00:00:00", "000:00:00:00",
        "00:00:00:12345", "00:00:00:00.1234567890", "a0:00:00:00", "00:00:00:0x1", "00:00:00:nan"}) {
    EXPECT_FALSE(parse_timecode(text)) << text;
  }
}

TEST(Clock, ReadsTimesOfDay) {
  EXPECT_DOUBLE_EQ(parse_clock("01:02:03").value(), 3723);
  EXPECT_DOUBLE_EQ(parse_clock("00:00:01.25").value(), 1.25);
  EXPECT_DOUBLE_EQ(parse_clock("00:00:01,25").value(), 1.25);
  EXPECT_DOUBLE_EQ(parse_clock("02:01.25").value(), 121.25);
  EXPECT_DOUBLE_EQ(parse_clock("2024-05-01T10:00:00.5Z").value(), 36000.5);
  EXPECT_DOUBLE_EQ(parse_clock("2024-05-01 10:00:00+02:00").value(), 36000);
  for (const char* text :
       {"", "10", "60:00", "25:00:00", "10:00:00.", "10:00:00 PM", "2024-05-01", "10:00:00+2:", "x"}) {
    EXPECT_FALSE(parse_clock(text)) << text;
  }
}

TEST(FramesSinceMidnight, CountsTheFramesOfEachSecond) {
  EXPECT_DOUBLE_EQ(frames_since_midnight({3600, 1.5, false}, {60, 1}, false), 216001.5);
  EXPECT_DOUBLE_EQ(frames_since_midnight({10, 2, false}, {30000, 1001}, false), 302);
  EXPECT_DOUBLE_EQ(frames_of_day({24, 1}, false), 86400 * 24);
}

TEST(FramesSinceMidnight, DropFrameSkipsNumbersOfMinutes) {
  const FrameRate ntsc{30000, 1001};
  const auto frames = [&](const char* text) { return frames_since_midnight(*parse_timecode(text), ntsc, true); };
  EXPECT_DOUBLE_EQ(frames("00:00:59;29"), 1799);
  EXPECT_DOUBLE_EQ(frames("00:01:00;02"), 1800);
  EXPECT_DOUBLE_EQ(frames("00:10:00;00"), 17982);  // ten minutes of 29.97 Hz
  EXPECT_DOUBLE_EQ(frames("01:00:00;00"), 107892);
  EXPECT_DOUBLE_EQ(frames_of_day(ntsc, true), 2589408);
  EXPECT_DOUBLE_EQ(frames_since_midnight(*parse_timecode("00:01:00;04"), {60000, 1001}, true), 3600);
}

}  // namespace
}  // namespace bisque
