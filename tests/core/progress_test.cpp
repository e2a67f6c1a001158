#include <bisque/core/progress.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace bisque {
namespace {

// Runs `total` items of `step` seconds each, and returns what was shown.
std::string run(ProgressStyle style, int64_t total, double step, bool finish = true) {
  std::ostringstream out;
  double now = 1000;
  {
    ProgressBar progress(total, {"rendering", "frames", style, &out, [&] { return now; }});
    for (int64_t i = 0; i < total; ++i) {
      now += step;
      progress.advance();
    }
    if (finish) progress.finish();
  }
  return out.str();
}

size_t count(const std::string& text, char c) { return static_cast<size_t>(std::count(text.begin(), text.end(), c)); }

TEST(Progress, LinesTellEachTenthOnce) {
  EXPECT_EQ(run(ProgressStyle::kLines, 4, 0.5),
            "rendering: 0 of 4 frames\n"
            "rendering: 1 of 4 frames, 2.0/s, 0:02 left\n"
            "rendering: 2 of 4 frames, 2.0/s, 0:01 left\n"
            "rendering: 3 of 4 frames, 2.0/s, 0:01 left\n"
            "rendering: 4 frames in 2.0 s (2.0/s)\n");
  EXPECT_EQ(count(run(ProgressStyle::kLines, 1000, 0.01), '\n'), 11u);
  EXPECT_EQ(count(run(ProgressStyle::kLines, 1000, 0.01), '\r'), 0u);
}

TEST(Progress, TheBarStaysOnOneLineAndIsNotRedrawnTooOften) {
  const std::string shown = run(ProgressStyle::kBar, 1000, 0.01);  // 10 s
  EXPECT_EQ(count(shown, '\n'), 1u);
  EXPECT_GT(count(shown, '\r'), 50u);
  EXPECT_LT(count(shown, '\r'), 110u);
  EXPECT_NE(shown.find("rendering [###############...............] 50"), std::string::npos) << shown;
  EXPECT_NE(shown.find(" of 1000 frames, 100/s, 0:05 left"), std::string::npos) << shown;
  EXPECT_TRUE(shown.ends_with("\r\033[Krendering: 1000 frames in 10.0 s (100/s)\n")) << shown;
}

TEST(Progress, NoLineIsWiderThanATerminal) {
  std::ostringstream out;
  double now = 0;
  ProgressBar progress(10, {std::string(200, 'x'), "frames", ProgressStyle::kBar, &out, [&] { return now; }});
  EXPECT_LE(out.str().find("\033"), 500u);
  EXPECT_NE(out.str().find("\033[K"), std::string::npos);
}

TEST(Progress, WorkThatFailsEndsTheBarsLine) {
  const std::string shown = run(ProgressStyle::kBar, 10, 1, false);
  EXPECT_TRUE(shown.ends_with("\n"));
  EXPECT_EQ(count(shown, '\n'), 1u);
}

TEST(Progress, QuietSaysNothing) { EXPECT_EQ(run(ProgressStyle::kQuiet, 100, 1), ""); }

TEST(Progress, NothingToDoIsNoDivisionByZero) {
  EXPECT_EQ(run(ProgressStyle::kLines, 0, 1), "rendering: 0 of 0 frames\nrendering: 0 frames in 0.0 s\n");
  EXPECT_TRUE(run(ProgressStyle::kBar, 0, 1).ends_with("rendering: 0 frames in 0.0 s\n"));
  EXPECT_EQ(run(ProgressStyle::kLines, 1, 0), "rendering: 0 of 1 frames\nrendering: 1 frames in 0.0 s\n");
}

TEST(Progress, WithoutATotalThereIsNoBar) {
  double now = 0;
  const auto shown_as = [&](ProgressStyle style, const std::string& label) {
    std::ostringstream out;
    ProgressBar progress(std::nullopt, {label, "batches", style, &out, [&] { return now; }});
    now += 2;
    progress.advance(5);
    progress.finish();
    return out.str();
  };
  EXPECT_EQ(shown_as(ProgressStyle::kLines, "train"), "train: 0 batches\ntrain: 5 batches in 2.0 s (2.5/s)\n");
  EXPECT_EQ(shown_as(ProgressStyle::kBar, "train"),
            "\rtrain 0 batches\033[K\rtrain 5 batches, 2.5/s\033[K\r\033[Ktrain: 5 batches in 2.0 s (2.5/s)\n");
  EXPECT_EQ(shown_as(ProgressStyle::kBar, ""),
            "\r0 batches\033[K\r5 batches, 2.5/s\033[K\r\033[K5 batches in 2.0 s (2.5/s)\n");
}

TEST(Progress, DurationsAreReadable) {
  EXPECT_EQ(format_duration(0), "0:00");
  EXPECT_EQ(format_duration(6.2), "0:07");
  EXPECT_EQ(format_duration(123), "2:03");
  EXPECT_EQ(format_duration(3723), "1:02:03");
  EXPECT_EQ(format_duration(-5), "0:00");
}

TEST(Progress, AFileGetsLinesAndQuietIsQuiet) { EXPECT_EQ(progress_style(true), ProgressStyle::kQuiet); }

}  // namespace
}  // namespace bisque
