#include <bisque/renderer/pictures/frame_sink.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/renderer/pictures/picture_file.h>
#include <bisque/renderer/pictures/picture_queue.h>
#include <bisque/renderer/pictures/video.h>

namespace bisque {
namespace {

void check_size(const std::string& output, int64_t width, int64_t height, const Picture& picture) {
  if (picture.width == width && picture.height == height) return;
  fail(output, ": a frame has ", picture.width, " x ", picture.height, " pixels, expected ", width, " x ", height, ".");
}

void check_folder(const std::string& output) {
  const std::filesystem::path folder = std::filesystem::path(output).parent_path() / ".";
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return;
  fail(output, ": its folder cannot be written to (", std::strerror(errno), ").");
}

class SingleSink : public FrameSink {
 public:
  SingleSink(std::string path, int64_t width, int64_t height)
      : path_(std::move(path)), width_(width), height_(height) {}

  void write(Picture picture) override {
    if (is_written_) {
      fail(path_,
           ": holds one picture, but there are more frames; expected a name with a number in it (frames/%05d.png) or a "
           "video.");
    }
    check_size(path_, width_, height_, picture);
    write_picture(path_, picture);
    is_written_ = true;
  }
  void finish() override {
    if (!is_written_) fail(path_, ": no frame was written, expected one.");
  }

 private:
  std::string path_;
  int64_t width_;
  int64_t height_;
  bool is_written_ = false;
};

// Encoding takes about as long as rendering, and waiting for the disk uses no processor: at least two threads.
size_t num_writer_threads() { return std::clamp(std::thread::hardware_concurrency(), 2u, 8u); }

class SequenceSink : public FrameSink {
 public:
  SequenceSink(std::string output, SequencePattern pattern, int64_t width, int64_t height, const SinkOptions& options)
      : output_(std::move(output)),
        pattern_(std::move(pattern)),
        width_(width),
        height_(height),
        first_number_(options.first_number),
        queue_(options.num_threads.value_or(num_writer_threads())) {}

  void write(Picture picture) override {
    check_size(output_, width_, height_, picture);
    queue_.push(pattern_.path(first_number_ + num_frames_), std::move(picture));
    ++num_frames_;
  }
  void finish() override {
    queue_.finish();
    if (num_frames_ == 0) fail(output_, ": no frame was written, expected one or more.");
  }

 private:
  std::string output_;
  SequencePattern pattern_;
  int64_t width_;
  int64_t height_;
  int64_t first_number_;
  int64_t num_frames_ = 0;
  PictureQueue queue_;
};

class VideoSink : public FrameSink {
 public:
  VideoSink(const std::string& path, int64_t width, int64_t height, FrameRate rate, const SinkOptions& options)
      : writer_(path, width, height, rate, {options.audio}) {}
  void write(Picture picture) override { writer_.write(picture); }
  void finish() override { writer_.finish(); }

 private:
  VideoWriter writer_;
};

void make_folder(const std::string& output) {
  const std::filesystem::path folder = std::filesystem::path(output).parent_path();
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail(output, ": its folder cannot be made (", error.message(), ").");
}

// Parses the part after a %: "d" or "0Nd". Returns the number of characters read, 0 for anything else.
size_t parse_conversion(const std::string& text, size_t at, int& digits) {
  digits = 0;
  if (text.compare(at, 1, "d") == 0) return 1;
  if (text.size() - at < 3 || text[at] != '0' || text[at + 1] < '1' || text[at + 1] > '9' || text[at + 2] != 'd') {
    return 0;
  }
  digits = text[at + 1] - '0';
  return 3;
}

}  // namespace

std::string SequencePattern::path(int64_t number) const {
  const std::string text = std::to_string(number);
  const auto length = static_cast<size_t>(digits);
  return before + std::string(length > text.size() ? length - text.size() : 0, '0') + text + after;
}

std::optional<SequencePattern> parse_sequence_pattern(const std::string& output) {
  if (output.find('%') == std::string::npos) return std::nullopt;
  SequencePattern pattern;
  bool found = false;
  for (size_t i = 0; i < output.size(); ++i) {
    std::string& part = found ? pattern.after : pattern.before;
    if (output[i] != '%') {
      part += output[i];
    } else {
      const size_t taken = found ? 0 : parse_conversion(output, i + 1, pattern.digits);
      if (taken == 0) {
        fail(output, ": has a % at character ", i + 1,
             " that is not a frame number, expected exactly one %d or %0Nd (frames/%05d.png).");
      }
      found = true;
      i += taken;
    }
  }
  if (pattern.after.find('/') != std::string::npos) {
    fail(output, ": has the frame number in a folder's name, expected it in the file's (frames/%05d.png).");
  }
  return pattern;
}

std::unique_ptr<FrameSink> open_sink(const std::string& output, int64_t width, int64_t height, FrameRate rate,
                                     const SinkOptions& options) {
  if (is_video_path(output)) return std::make_unique<VideoSink>(output, width, height, rate, options);
  if (!picture_format(output)) {
    fail(output,
         ": is not a supported output, expected FILE.png, FILE.jpg, frames/%05d.png, FILE.mp4, FILE.mov or "
         "FILE.mkv.");
  }
  if (options.audio) fail(output, ": a picture has no audio, expected a video (.mp4, .mov or .mkv).");
  const auto pattern = parse_sequence_pattern(output);
  if (pattern) make_folder(output);
  check_folder(output);
  if (!pattern) return std::make_unique<SingleSink>(output, width, height);
  return std::make_unique<SequenceSink>(output, *pattern, width, height, options);
}

}  // namespace bisque
