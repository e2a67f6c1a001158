#include <bisque/renderer/pictures/video.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <utility>

#include <bisque/core/error.h>
#include <bisque/core/serialization/atomic_file.h>
#include <bisque/core/serialization/mapped_file.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/pictures/video_file.h>
#include <bisque/renderer/pictures/wav.h>

namespace bisque {
namespace {

constexpr int64_t kMaxVideoSide = 16384;  // x264's
constexpr const char* kNoFfmpeg =
    "the ffmpeg program was not found, which writes videos; install it (apt install ffmpeg).";

void check_arguments(const std::string& path, int64_t width, int64_t height, FrameRate rate) {
  if (!is_video_path(path)) fail(path, ": has no known video extension, expected .mp4, .mov or .mkv.");
  if (width < 1 || height < 1 || width > kMaxVideoSide || height > kMaxVideoSide) {
    fail(path, ": a video of ", width, " x ", height, " pixels cannot be written, expected 1 to ", kMaxVideoSide,
         " pixels per side.");
  }
  constexpr int64_t kMaxTerm = 1000000;
  if (rate.num < 1 || rate.den < 1 || rate.num > kMaxTerm || rate.den > kMaxTerm) {
    fail(path, ": frame rate ", rate.num, "/", rate.den, ", expected e.g. 30/1 or 30000/1001.");
  }
}

// Checked before the file is opened, because opening a pipe would wait for its reader.
void check_is_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    fail(path, ": is not a regular file, which a video needs.");
  }
}

int64_t even(int64_t side) { return side + side % 2; }

void append(std::vector<std::string>& to, std::initializer_list<std::string> words) { to.insert(to.end(), words); }

// ffmpeg's format name for an extension; empty if it is not a video.
std::string container(const std::string& path) {
  const std::string extension = lower_extension(path);
  if (extension == ".mkv") return "matroska";
  return extension == ".mp4" || extension == ".mov" ? extension.substr(1) : "";
}

void append_output(std::vector<std::string>& words, const std::string& path, const std::string& output) {
  const std::string format = container(path);
  if (format != "matroska") append(words, {"-movflags", "+faststart"});  // lets players start before the end is loaded
  append(words, {"-f", format, "file:" + output});
}

// The file belongs to `path`, and is named `output` until it is complete. "file:" keeps ffmpeg from interpreting names
// such as "a:b.mp4" or "-y.mp4".
std::vector<std::string> ffmpeg_command(const std::string& path, const std::string& output, int64_t width,
                                        int64_t height, FrameRate rate) {
  std::vector<std::string> words{"ffmpeg", "-hide_banner", "-loglevel", "repeat+error", "-y"};
  append(words, {"-f", "rawvideo", "-pixel_format", "rgb24"});
  append(words, {"-video_size", std::to_string(even(width)) + "x" + std::to_string(even(height))});
  append(words, {"-framerate", std::to_string(rate.num) + "/" + std::to_string(rate.den), "-i", "pipe:0"});
  // ffmpeg 5 reads the tags from the output's options, ffmpeg 7 from the frames (setparams).
  append(words, {"-vf",
                 "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int,"
                 "format=yuv420p,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"});
  // x264's result depends on its number of threads, which else follows the machine.
  append(words, {"-c:v", "libx264", "-threads", "4", "-preset", "veryfast", "-crf", "18"});
  append(words, {"-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"});
  append_output(words, path, output);
  return words;
}

// Adds audio to a complete silent video: silence after short audio, and long audio truncated exactly at the video's
// end. (In one pass the end is unknown, and -shortest truncates late in ffmpeg 7.)
std::vector<std::string> audio_command(const std::string& path, const std::string& silent, const std::string& audio,
                                       const std::string& output, double seconds) {
  std::vector<std::string> words{"ffmpeg", "-hide_banner", "-loglevel", "repeat+error", "-y"};
  append(words, {"-i", "file:" + silent, "-f", "wav", "-i", "file:" + audio, "-map", "0:v:0", "-map", "1:a:0"});
  append(words, {"-c:v", "copy", "-af", "apad", "-c:a", "aac", "-b:a", "192k", "-t", std::to_string(seconds)});
  append_output(words, path, output);
  return words;
}

// ffmpeg ends with "Conversion failed!" for any error: the line before it gives the reason.
std::string last_words(const std::string& output) {
  std::istringstream lines(output);
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(" \t\r") != std::string::npos && line != "Conversion failed!") last = line;
  }
  return last;
}

bool is_signal(int status) { return status > 128 && status < 255; }

std::string describe_status(int status) {
  if (is_signal(status)) return std::string("ended by a signal: ") + ::strsignal(status - 128);
  return "ended with status " + std::to_string(status);
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// Copies rows, and repeats the last column and row of odd sizes.
void pad_to_even(std::span<const uint8_t> rgb, int64_t width, int64_t height, std::vector<uint8_t>& padded) {
  const int64_t row = even(width) * 3;
  padded.resize(static_cast<size_t>(row * even(height)));
  for (int64_t y = 0; y < even(height); ++y) {
    const uint8_t* from = rgb.data() + std::min(y, height - 1) * width * 3;
    uint8_t* to = padded.data() + y * row;
    std::copy_n(from, width * 3, to);
    std::copy_n(from + (width - 1) * 3, (even(width) - width) * 3, to + width * 3);
  }
}

}  // namespace

VideoWriter::VideoWriter(const std::string& path, int64_t width, int64_t height, FrameRate rate,
                         const VideoOptions& options)
    : path_(path), width_(width), height_(height), rate_(rate), audio_(options.audio) {
  check_arguments(path, width, height, rate);
  if (audio_) read_wav_info(*audio_);
  check_is_file(path);
  file_ = std::make_unique<AtomicFile>(path);
  ffmpeg_ = ChildProcess::start(ffmpeg_command(path, file_->temporary(), width, height, rate));
  if (!ffmpeg_) fail(path, ": ", kNoFfmpeg);
}

VideoWriter::~VideoWriter() = default;  // ffmpeg_ is destroyed before file_: nothing writes to a removed temporary

void VideoWriter::write(const Picture& picture) {
  check_picture(picture, path_);
  if (picture.channels != 3)
    fail(path_, ": a video has no alpha channel, expected RGB pictures (a background colour).");
  if (picture.width != width_ || picture.height != height_) {
    fail(path_, ": frame ", num_frames_, " has ", picture.width, " x ", picture.height, " pixels, expected ", width_,
         " x ", height_, ".");
  }
  write(picture.pixels);
}

void VideoWriter::write(std::span<const uint8_t> rgb) {
  if (!ffmpeg_) fail(path_, ": is finished, or has failed, and takes no more frames.");
  const int64_t expected = width_ * height_ * 3;
  if (static_cast<int64_t>(rgb.size()) != expected) {
    fail(path_, ": frame ", num_frames_, " has ", rgb.size(), " bytes, expected ", expected, ".");
  }
  if (width_ % 2 != 0 || height_ % 2 != 0) {
    pad_to_even(rgb, width_, height_, even_);
    rgb = even_;
  }
  if (!ffmpeg_->write(rgb)) fail_with_output();
  ++num_frames_;
}

void VideoWriter::finish() {
  if (!ffmpeg_) fail(path_, ": is finished, or has failed, and cannot be finished again.");
  if (num_frames_ == 0) fail(path_, ": no frame was written, expected one or more.");
  end_ffmpeg();
  if (audio_) add_audio();
  ffmpeg_.reset();
  file_->commit();
}

double VideoWriter::seconds() const {
  return static_cast<double>(num_frames_) * static_cast<double>(rate_.den) / static_cast<double>(rate_.num);
}

void VideoWriter::end_ffmpeg() {
  if (ffmpeg_->wait() != 0) fail_with_output();
  // ffmpeg 5 exits with status 0 even if the disk has no space for the end of the file.
  if (const std::string fault = find_fault(); !fault.empty()) fail_with_output("the file " + fault);
}

std::string VideoWriter::find_fault() const {
  VideoInfo info;
  try {
    info = video_info(MappedFile::open(file_->temporary())->bytes(), file_->temporary());
  } catch (const Error& error) {
    std::string fault = error.what();
    replace_all(fault, file_->temporary() + ": ", "");
    return fault.substr(0, fault.size() - 1);  // without the full stop
  }
  if (info.num_frames != num_frames_) {
    return "holds " + std::to_string(info.num_frames) + " of " + std::to_string(num_frames_) + " frames";
  }
  // Matroska counts milliseconds, and the last audio block may end later.
  const double tolerance = 0.25 + 1.5 * seconds() / static_cast<double>(num_frames_);
  if (std::abs(info.seconds - seconds()) <= tolerance) return {};
  return "lasts " + std::to_string(info.seconds) + " instead of " + std::to_string(seconds()) + " seconds";
}

void VideoWriter::add_audio() {
  const auto silent = std::exchange(file_, std::make_unique<AtomicFile>(path_));
  ffmpeg_ = ChildProcess::start(audio_command(path_, silent->temporary(), *audio_, file_->temporary(), seconds()));
  if (!ffmpeg_) fail(path_, ": ", kNoFfmpeg);
  end_ffmpeg();
}

void VideoWriter::fail_with_output(const std::string& fault) {
  const int status = ffmpeg_->wait();
  std::string words = last_words(ffmpeg_->output());
  replace_all(words, "file:" + file_->temporary(), path_);
  const auto add = [&](const std::string& more) { words += (words.empty() ? "" : "; ") + more; };
  if (!fault.empty()) add(fault);
  if (words.empty() || is_signal(status)) add(describe_status(status));
  ffmpeg_.reset();
  fail(path_, ": ffmpeg could not write the video (", words, ").");
}

bool is_video_path(const std::string& path) { return !container(path).empty(); }

std::optional<std::string> ffmpeg_version() {
  const auto ffmpeg = ChildProcess::start({"ffmpeg", "-version"});
  if (!ffmpeg || ffmpeg->wait() != 0) return std::nullopt;
  std::istringstream words(ffmpeg->output());
  std::string program, version, number;
  words >> program >> version >> number;
  if (program != "ffmpeg" || version != "version") return std::nullopt;
  return number;
}

}  // namespace bisque
