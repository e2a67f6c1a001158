#include <bisque/renderer/takes/frame_rate.h>

#include <bisque/tests/renderer/takes/take_test_util.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;

std::string parsed(const std::string& text) { return frame_rate_text(parse_frame_rate(text)); }

TEST(FrameRate, ReadsIntegersDecimalsAndFractions) {
  EXPECT_EQ(parsed("60"), "60");
  EXPECT_EQ(parsed("60.0"), "60");
  EXPECT_EQ(parsed("12.5"), "25/2");
  EXPECT_EQ(parsed("30000/1001"), "30000/1001");
  EXPECT_EQ(parsed("120/2"), "60");
  EXPECT_EQ(parsed("1000"), "1000");
  EXPECT_EQ(parsed("1"), "1");
}

TEST(FrameRate, RoundedNtscRatesAreExact) {
  EXPECT_EQ(parsed("29.97"), "30000/1001");
  EXPECT_EQ(parsed("29.970"), "30000/1001");
  EXPECT_EQ(parsed("29.97002997002997"), "30000/1001");
  EXPECT_EQ(parsed("23.976"), "24000/1001");
  EXPECT_EQ(parsed("23.98"), "24000/1001");
  EXPECT_EQ(parsed("59.94"), "60000/1001");
  EXPECT_EQ(parsed("119.88"), "120000/1001");
  EXPECT_EQ(parsed("29.9"), "299/10");
  EXPECT_EQ(parsed("24.0"), "24");
}

TEST(FrameRate, RejectsOtherText) {
  for (const char* text : {"", "abc", "60Hz", " 60", "-60", "+60", "1e2", "60/", "/1", "60/1/1", "29.97x", ".5", "30.",
                           "nan", "inf", "99999999999999999999", "60.00000000000x"}) {
    EXPECT_EQ(error_of([&] { parse_frame_rate(text, "--take-fps"); }),
              std::string("--take-fps: \"") + text +
                  "\" is not a frame rate, expected a number or a fraction such as 60, 29.97 or 30000/1001.");
  }
}

TEST(FrameRate, RejectsRatesOutOfRange) {
  EXPECT_EQ(error_of([] { parse_frame_rate("0"); }), "frame rate: 0/1 Hz is not a frame rate, expected 1 to 1000 Hz.");
  EXPECT_NE(error_of([] { parse_frame_rate("0.5"); }), "");
  EXPECT_NE(error_of([] { parse_frame_rate("1001"); }), "");
  EXPECT_NE(error_of([] { parse_frame_rate("60/0"); }), "");
  EXPECT_NE(error_of([] { parse_frame_rate("2001/2"); }), "");
  EXPECT_NE(error_of([] { checked_frame_rate(INT64_MIN, -1, "x"); }), "");
  EXPECT_NE(error_of([] { checked_frame_rate(-60, -1, "x"); }), "");
}

TEST(FrameRate, NominalRateRoundsUp) {
  EXPECT_EQ(nominal_rate({30000, 1001}), 30);
  EXPECT_EQ(nominal_rate({60, 1}), 60);
}

}  // namespace
}  // namespace bisque
