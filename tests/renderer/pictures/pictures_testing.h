// Shared by the tests of pictures and videos.
#pragma once
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <bisque/renderer/pictures/picture.h>

namespace bisque {

/// The output of a shell command, byte for byte.
inline std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  char buffer[4096];
  for (size_t count; (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, count);
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return output;
}

inline bool has_ffmpeg() {
  return std::system("ffmpeg -version >/dev/null 2>&1 && ffprobe -version >/dev/null 2>&1") == 0;
}

/// A picture of one colour.
inline Picture flat_picture(int64_t width, int64_t height, std::vector<uint8_t> color) {
  Picture picture{width, height, static_cast<int>(color.size()), {}};
  for (int64_t i = 0; i < width * height; ++i) {
    picture.pixels.insert(picture.pixels.end(), color.begin(), color.end());
  }
  return picture;
}

/// Smooth, with some noise, from a fixed seed.
inline Picture test_picture(int64_t width, int64_t height, int channels) {
  Picture picture{width, height, channels, {}};
  uint32_t state = 12345;
  for (int64_t i = 0; i < width * height * channels; ++i) {
    state = state * 1664525 + 1013904223;
    const int64_t smooth = i / channels % width + i / channels / width * 2 + i % channels * 40;
    picture.pixels.push_back(static_cast<uint8_t>(smooth + (state >> 29)));
  }
  return picture;
}

}  // namespace bisque
