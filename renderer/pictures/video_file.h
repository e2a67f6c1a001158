// Internal. The content of a video file, by its index. Free of libtorch.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace bisque {

struct VideoInfo {
  int64_t num_frames = 0;
  double seconds = 0;
};

/// MP4 and QuickTime (.mov), or Matroska (.mkv), as ffmpeg writes them: the frames of the first video track. The index
/// only refers to data in the file. Error: another format, no index, no video track, truncated.
VideoInfo video_info(std::span<const std::byte> bytes, const std::string& name);

}  // namespace bisque
