// The frames of a render by several processes, in a folder that all of them share.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <bisque/renderer/pictures/frame_sink.h>

namespace bisque::cli {

/// Finished frames are files with their final name: those of a sequence are the output itself, those of a video are
/// pictures in a hidden folder beside it. That folder, `.NAME.bisque-run`, exists while the render is not complete. It
/// holds the key of the render, so that a later process continues this render and never takes the frames of another.
/// A process that is killed leaves nothing outside of that folder but finished frames.
class SharedFrames {
 public:
  /// `output` is a sequence or a video of `num_frames`; the names of a sequence begin with `first_number`.
  SharedFrames(const std::string& output, int64_t num_frames, int64_t first_number);

  /// For one process before all others: prepares the folder, and removes the frames that an earlier render with another
  /// key has left. Returns a mark that is new with each call. Error: the folder cannot be written.
  std::string open(const std::string& key) const;
  /// Error: this process does not see the folder that open() prepared with this mark.
  void check_shared(const std::string& mark) const;

  bool is_finished(int64_t frame) const;
  std::string path(int64_t frame) const;
  /// The picture gets its final name when it is complete. May be called by several threads.
  void write(int64_t frame, const Picture& picture) const;
  /// Error: a frame is not finished.
  void check_complete() const;
  /// For one process after all others.
  void close() const;

 private:
  std::string key_path() const { return run_folder_ + "/key"; }
  void remove_unfinished() const;

  std::string output_, run_folder_;
  int64_t num_frames_;
  int64_t first_number_;
  SequencePattern pattern_;
};

}  // namespace bisque::cli
