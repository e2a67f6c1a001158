// Writes a video with the ffmpeg program. Free of libtorch.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <bisque/renderer/pictures/child_process.h>
#include <bisque/renderer/pictures/picture.h>
#include <bisque/renderer/takes/take.h>

namespace bisque {

class AtomicFile;

struct VideoOptions {
  /// A WAV file, encoded as AAC. The video determines the length: longer audio is truncated, shorter audio is followed
  /// by silence (read_wav_info returns its length).
  std::optional<std::string> audio;
};

/// H.264 in .mp4, .mov or .mkv: yuv420p, converted to and tagged as BT.709, limited range (sRGB's tone curve is kept,
/// because players show BT.709 with it). As yuv420p halves both sides, an odd side is made even by repeating its last
/// row or column. The file does not depend on the number of processors. Only finish() renames the file into place;
/// without it nothing is left behind.
class VideoWriter {
 public:
  /// Error: another extension, a side over 16384, an invalid rate, a bad WAV file, a folder that is not writable, no
  /// ffmpeg.
  VideoWriter(const std::string& path, int64_t width, int64_t height, FrameRate rate, const VideoOptions& options = {});
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  /// Error: another size than the video's, alpha (a video has none), ffmpeg failed (with its own message).
  void write(const Picture& picture);
  /// One frame as bytes, [height, width, 3].
  void write(std::span<const uint8_t> rgb);
  /// Error: no frame was written, ffmpeg failed, the file that it wrote lacks frames or its index (a full disk).
  void finish();

 private:
  void end_ffmpeg();
  void add_audio();
  double seconds() const;
  /// What is wrong with the file that ffmpeg wrote; empty if it is valid.
  std::string find_fault() const;
  [[noreturn]] void fail_with_output(const std::string& fault = "");

  std::string path_;
  int64_t width_;
  int64_t height_;
  FrameRate rate_;
  std::optional<std::string> audio_;
  int64_t num_frames_ = 0;
  std::vector<uint8_t> even_;  // a frame with both sides made even
  std::unique_ptr<AtomicFile> file_;
  std::unique_ptr<ChildProcess> ffmpeg_;  // null after it has ended
};

/// .mp4, .mov or .mkv, in any case.
bool is_video_path(const std::string& path);

/// The version of the ffmpeg program, "5.1.9-0+deb12u1"; nothing if it is not found.
std::optional<std::string> ffmpeg_version();

}  // namespace bisque
