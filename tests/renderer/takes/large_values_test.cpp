#include <bisque/renderer/takes/large_values.h>

#include <gtest/gtest.h>

namespace bisque {
namespace {

Take take_of(const std::vector<float>& jaw) {
  Take take;
  take.names = {"x", "JawOpen", "HeadYaw"};
  take.num_frames = static_cast<int64_t>(jaw.size());
  for (const float value : jaw) take.values.insert(take.values.end(), {100, value, 100});
  return take;
}

std::string note_of(const std::vector<float>& jaw, double scale = 1) {
  const Take take = take_of(jaw);
  return large_values_note(take, known_shape_columns(take), scale);
}

TEST(LargeValues, ShapesAloneCount) { EXPECT_EQ(known_shape_columns(take_of({1})), std::vector<int64_t>{1}); }

TEST(LargeValues, AreNotedWhereMostFramesHaveThem) {
  EXPECT_EQ(note_of({2, 50, 100}),
            "Values are above 1.5 in 3 of 3 frames; if they are percentages, render with --scale 0.01.");
  EXPECT_EQ(note_of({0, 50, 100}),
            "Values are above 1.5 in 2 of 3 frames; if they are percentages, render with --scale 0.01.");
  EXPECT_EQ(note_of({0, 100}), "");
  EXPECT_EQ(note_of({1.5F, 1.5F}), "");
  EXPECT_EQ(note_of({2, 50, 100}, 0.01), "");
}

}  // namespace
}  // namespace bisque
