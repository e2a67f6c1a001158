#include "cli/shared_frames.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <system_error>
#include <thread>

#include <bisque/core/error.h>
#include <bisque/core/serialization/atomic_file.h>
#include <bisque/core/serialization/text.h>
#include <bisque/renderer/pictures/picture_file.h>
#include <bisque/renderer/pictures/video.h>

namespace bisque::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_at(const std::string& path, const char* what, const std::error_code& error) {
  fail(path, ": ", what, " (", error.message(), ").");
}

void make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail_at(path, "cannot be made, which frames of several processes need", error);
}

void remove_all(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) fail_at(path, "cannot be removed", error);
}

std::string run_folder_of(const std::string& output) {
  const fs::path path(output);
  return path.parent_path() / ("." + path.filename().string() + ".bisque-run");
}

/// The lines of a file; fewer if it does not exist.
std::pair<std::string, std::string> two_lines(const std::string& path) {
  std::ifstream file(path);
  std::string first, second;
  std::getline(file, first);
  std::getline(file, second);
  return {first, second};
}

std::string random_mark() {
  std::random_device device;
  const uint32_t words[] = {device(), device(), device(), device()};
  return hex_digits(std::as_bytes(std::span(words)));
}

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

SharedFrames::SharedFrames(const std::string& output, int64_t num_frames, int64_t first_number)
    : output_(output), run_folder_(run_folder_of(output)), num_frames_(num_frames), first_number_(first_number) {
  const auto sequence = is_video_path(output) ? std::nullopt : parse_sequence_pattern(output);
  pattern_ = sequence ? *sequence : SequencePattern{run_folder_ + "/", ".png", 0};
}

std::string SharedFrames::path(int64_t frame) const { return pattern_.path(first_number_ + frame); }

bool SharedFrames::is_finished(int64_t frame) const {
  std::error_code error;
  return fs::is_regular_file(path(frame), error);
}

std::string SharedFrames::open(const std::string& key) const {
  make_folder(run_folder_);
  if (two_lines(key_path()).first == key) {
    remove_unfinished();
  } else {
    remove_all(run_folder_);
    for (int64_t frame = 0; frame < num_frames_; ++frame) {
      if (is_finished(frame)) remove_all(path(frame));
    }
    make_folder(run_folder_);
  }
  const std::string mark = random_mark();
  AtomicFile file(key_path());
  file.write(key + "\n" + mark + "\n");
  file.commit();
  return mark;
}

void SharedFrames::remove_unfinished() const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(run_folder_, error)) {
    const std::string path = entry.path();
    const bool is_frame = path.starts_with(pattern_.before) && path.ends_with(pattern_.after) &&
                          !entry.path().filename().string().starts_with('.');
    if (path != key_path() && !is_frame) remove_all(path);
  }
  if (error) fail_at(run_folder_, "cannot be read", error);
}

void SharedFrames::check_shared(const std::string& mark) const {
  // A network file system may show another machine's files late.
  constexpr int kTries = 50;
  for (int i = 0; i < kTries; ++i) {
    if (two_lines(key_path()).second == mark) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  fail(output_, ": is not in the same folder for all ranks: ", host_name(),
       " does not see what rank 0 wrote; expected a folder that all machines share.");
}

void SharedFrames::write(int64_t frame, const Picture& picture) const {
  const std::string name = path(frame);
  const std::string unfinished = run_folder_ + "/." + std::to_string(frame) + pattern_.after;
  write_picture(unfinished, picture);
  std::error_code error;
  fs::rename(unfinished, name, error);
  if (error) fail_at(name, "cannot be renamed into place", error);
}

void SharedFrames::check_complete() const {
  for (int64_t frame = 0; frame < num_frames_; ++frame) {
    if (!is_finished(frame)) fail(path(frame), ": was written and is gone, expected it to stay until the end.");
  }
}

void SharedFrames::close() const { remove_all(run_folder_); }

}  // namespace bisque::cli
