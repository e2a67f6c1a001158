// The output of rendered frames: one picture, numbered pictures, or a video. Free of libtorch.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <bisque/renderer/pictures/picture.h>
#include <bisque/renderer/takes/take.h>

namespace bisque {

/// A file name with a number: frames/%05d.png.
struct SequencePattern {
  std::string before;
  std::string after;
  int digits = 0;  // minimum number, padded with zeros
  std::string path(int64_t number) const;
};

/// Nothing if the name has no %. Error: a % that is not the only %d or %0Nd (N up to 9), or that is in the folder's
/// name.
std::optional<SequencePattern> parse_sequence_pattern(const std::string& output);

struct SinkOptions {
  std::optional<std::string> audio;  // a WAV file, only for videos; see VideoOptions
  int64_t first_number = 0;          // of the first picture of a sequence
  /// Threads that encode the pictures of a sequence; 0: write() does; nothing: 2 to 8, one per processor.
  std::optional<size_t> num_threads = std::nullopt;
};

class FrameSink {
 public:
  /// Removes an unfinished picture or video; complete pictures of a sequence remain.
  virtual ~FrameSink() = default;
  /// Writes the next frame. Error: another size than the sink's, or a frame that the format does not support; also that
  /// of an earlier frame, because other threads write the pictures of a sequence.
  virtual void write(Picture picture) = 0;
  /// Error: no frame was written, one could not be written.
  virtual void finish() = 0;
};

/// FILE.png or .jpg (one picture), frames/%05d.png or .jpg (one picture per frame; the folder is created), FILE.mp4,
/// .mov or .mkv (a video at `rate`). Error: another extension, a bad pattern, audio without a video, a folder that is
/// not writable, and the errors of VideoWriter.
std::unique_ptr<FrameSink> open_sink(const std::string& output, int64_t width, int64_t height, FrameRate rate,
                                     const SinkOptions& options = {});

}  // namespace bisque
