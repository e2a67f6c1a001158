#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/renderer/takes/demo_take.h>
#include <bisque/renderer/takes/shape_names.h>

namespace bisque {
namespace {

constexpr int kFrames = 120;

/// A value that rises from 0 at `begin`, stays from `hold` to `release`, and is 0 again from `end` (frames).
struct Gesture {
  const char* name;
  float peak;
  int begin, hold, release, end;
};

// Times of the gestures: blink 4, look 10, smile 22, surprise 44, pucker 66, puff and tongue 88, blink 108.
constexpr Gesture kGestures[] = {
    {"EyeBlinkLeft", 1, 3, 6, 7, 11},          {"EyeBlinkRight", 1, 3, 6, 7, 11},
    {"EyeLookOutLeft", 0.8f, 10, 14, 18, 23},  {"EyeLookInRight", 0.8f, 10, 14, 18, 23},
    {"MouthSmileLeft", 0.9f, 22, 29, 38, 45},  {"MouthSmileRight", 0.9f, 22, 29, 38, 45},
    {"CheekSquintLeft", 0.6f, 23, 30, 37, 44}, {"CheekSquintRight", 0.6f, 23, 30, 37, 44},
    {"EyeSquintLeft", 0.35f, 23, 30, 37, 44},  {"EyeSquintRight", 0.35f, 23, 30, 37, 44},
    {"JawOpen", 0.85f, 45, 52, 58, 65},        {"BrowInnerUp", 0.9f, 44, 51, 58, 64},
    {"BrowOuterUpLeft", 0.8f, 44, 51, 58, 64}, {"BrowOuterUpRight", 0.8f, 44, 51, 58, 64},
    {"EyeWideLeft", 0.8f, 44, 50, 58, 63},     {"EyeWideRight", 0.8f, 44, 50, 58, 63},
    {"MouthPucker", 0.9f, 65, 71, 75, 81},     {"BrowDownLeft", 0.7f, 66, 72, 76, 82},
    {"EyeBlinkLeft", 1, 70, 73, 75, 79},       {"CheekPuff", 0.9f, 80, 86, 89, 94},
    {"JawOpen", 0.45f, 92, 97, 103, 109},      {"TongueOut", 1, 93, 99, 103, 108},
    {"NoseSneerLeft", 0.6f, 93, 98, 102, 108}, {"NoseSneerRight", 0.6f, 93, 98, 102, 108},
    {"EyeBlinkLeft", 1, 108, 111, 112, 116},   {"EyeBlinkRight", 1, 108, 111, 112, 116},
};

float eased(float x) {
  const float t = std::clamp(x, 0.0f, 1.0f);
  return t * t * (3 - 2 * t);
}

float value_at(const Gesture& gesture, int frame) {
  const auto ramp = [](int from, int to, int at) {
    return eased(static_cast<float>(at - from) / static_cast<float>(to - from));
  };
  return gesture.peak * ramp(gesture.begin, gesture.hold, frame) * (1 - ramp(gesture.release, gesture.end, frame));
}

}  // namespace

Take make_demo_take() {
  Take take;
  take.names = live_link_names();
  take.num_frames = take.rows = kFrames;
  take.rate = {30, 1};
  take.source = "demo";
  const size_t columns = take.names.size();
  take.values.assign(kFrames * columns, 0.0f);
  const auto column = [&](const char* name) {
    const auto found = std::find(take.names.begin(), take.names.end(), name);
    if (found == take.names.end()) fail("make_demo_take: ", name, " is not one of Live Link's names.");
    return static_cast<size_t>(found - take.names.begin());
  };
  for (const Gesture& gesture : kGestures) {
    const size_t c = column(gesture.name);
    for (int frame = 0; frame < kFrames; ++frame) take.values[frame * columns + c] += value_at(gesture, frame);
  }
  const size_t yaw = column("HeadYaw"), pitch = column("HeadPitch"), roll = column("HeadRoll");
  for (int frame = 0; frame < kFrames; ++frame) {
    const float turn = 2 * std::numbers::pi_v<float> * static_cast<float>(frame) / kFrames;
    take.values[frame * columns + yaw] = 0.45f * std::sin(turn);
    take.values[frame * columns + pitch] = 0.07f * std::sin(2 * turn);
    take.values[frame * columns + roll] = 0.05f * std::sin(turn) * std::cos(turn);
  }
  return take;
}

}  // namespace bisque
