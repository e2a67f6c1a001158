// What a program has to undo before a signal ends it: files that are not complete, and child processes.
#pragma once
#include <sys/types.h>

#include <csignal>
#include <list>
#include <string>

namespace bisque {

/// While one lives, abandon_unfinished_work() waits, in whatever thread, and signals do not interrupt this one. Keep it
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

/// A temporary file or a child process, noted while it exists. Copies of a process (fork) do not own it.
class UnfinishedWork {
 public:
  UnfinishedWork() = default;
  ~UnfinishedWork() { clear(); }
  UnfinishedWork(const UnfinishedWork&) = delete;
  UnfinishedWork& operator=(const UnfinishedWork&) = delete;

  /// Note a file before it is made, so that no signal finds it unknown.
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
/// be noted any more. The libraries install no handlers; a program that wants this calls it from its own.
void abandon_unfinished_work() noexcept;

}  // namespace bisque
