// Work that a program must undo before a signal ends it: incomplete files and child processes.
#pragma once
#include <sys/types.h>

#include <csignal>
#include <list>
#include <string>

namespace bisque {

/// While one exists, abandon_unfinished_work() waits in any thread, and signals do not interrupt this thread. Keep it
/// short; sections do not nest.
class UninterruptedSection {
 public:
  UninterruptedSection();
  ~UninterruptedSection();
  UninterruptedSection(const UninterruptedSection&) = delete;
  UninterruptedSection& operator=(const UninterruptedSection&) = delete;

  /// The signals that were blocked before.
  const sigset_t& outer_mask() const { return outer_mask_; }

 private:
  sigset_t outer_mask_;
};

/// A temporary file or a child process, registered while it exists. Copies of a process (fork) do not own it.
class UnfinishedWork {
 public:
  UnfinishedWork() = default;
  ~UnfinishedWork() { clear(); }
  UnfinishedWork(const UnfinishedWork&) = delete;
  UnfinishedWork& operator=(const UnfinishedWork&) = delete;

  /// Register a file before it is created, so that no signal misses it.
  void set_file(const std::string& path);
  void set_process(pid_t process, const UninterruptedSection&);
  void clear();
  void clear(const UninterruptedSection&);

 private:
  struct Entry {
    std::string file;
    pid_t process = -1;
    pid_t owner = -1;
  };
  friend void abandon_unfinished_work() noexcept;
  void set(Entry entry, const UninterruptedSection&);
  static std::list<Entry>& entries();

  std::list<Entry>::iterator entry_;
  bool is_set_ = false;
};

/// Kills the child processes and removes the files. For a signal handler that ends the program afterwards: nothing can
/// be registered any more. The libraries install no handlers; a program calls this from its own.
void abandon_unfinished_work() noexcept;

}  // namespace bisque
