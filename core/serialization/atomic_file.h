// Atomic writing: the name of a file only ever refers to a complete file.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <bisque/core/serialization/unfinished_work.h>

namespace bisque {

/// Writes to a temporary file beside `path`, which commit() renames to `path`. Without commit() the temporary is
/// removed, also if a signal handler calls abandon_unfinished_work(). Symbolic links are followed. A device or a pipe
/// (/dev/full, /dev/stdout) is written directly. Error, from any member: the folder or the file is not writable, the
/// disk is full.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  /// The file that commit() renames, for a program that writes by name; empty if `path` is written directly.
  const std::string& temporary() const { return temporary_; }
  /// Flushes the bytes to disk (with `sync`) and renames the file. Nothing may be written after it.
  void commit(bool sync = true);
  /// The first half of commit(), for several files that are renamed when all of them are complete.
  void finish(bool sync = true);

 private:
  [[noreturn]] void fail_with_errno(const char* what) const;

  std::string path_;       // as given, for messages
  std::string target_;     // with symbolic links resolved
  std::string temporary_;  // empty if the target is written directly
  UnfinishedWork unfinished_;
  int fd_ = -1;
};

}  // namespace bisque
