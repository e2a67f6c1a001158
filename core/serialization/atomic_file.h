// Writing a file so that its name only ever holds a whole one.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <bisque/core/serialization/unfinished_work.h>

namespace bisque {

/// Writes to a temporary beside `path`, which takes over the name on commit(); without commit() nothing is
/// left behind, also when a signal handler calls abandon_unfinished_work(). A symbolic link is followed. A device or a
/// pipe (/dev/full, /dev/stdout) is written straight, as it holds no file. Error, from any member: the folder or the
/// file is not writable, the disk is full.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  /// What takes the name on commit(), for a program that writes by name; empty where `path` is written straight.
  const std::string& temporary() const { return temporary_; }
  /// Brings the bytes to the disk (with `sync`) and gives the file its name. Nothing may be written after it.
  void commit(bool sync = true);
  /// The first half of commit(), for several files that take their names when all of them are whole.
  void finish(bool sync = true);

 private:
  [[noreturn]] void fail_with_errno(const char* what) const;

  std::string path_;       // as given, for messages
  std::string target_;     // with symbolic links resolved
  std::string temporary_;  // empty where the target is written straight
  UnfinishedWork unfinished_;
  int fd_ = -1;
};

}  // namespace bisque
