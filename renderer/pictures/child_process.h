// A program that reads from its standard input. Free of libtorch.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <bisque/core/serialization/unfinished_work.h>

namespace bisque {

class ChildProcess {
 public:
  /// Starts arguments[0], found in PATH; output() returns what it prints on either stream. It inherits no other
  /// descriptors, and blocks no signals. Null if there is no such program. Error: it cannot be started for another
  /// reason.
  static std::unique_ptr<ChildProcess> start(const std::vector<std::string>& arguments);
  /// Kills the program unless it was waited for; abandon_unfinished_work() does, too.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Returns false if the program has ended or closed its input; never raises SIGPIPE.
  bool write(std::span<const uint8_t> bytes);
  /// Closes the program's input and waits for it: its exit status, or 128 + the signal that ended it.
  int wait() noexcept;
  /// The program's output so far, its last 64 KiB.
  std::string output() const;

 private:
  ChildProcess() = default;
  int spawn_program(const std::vector<std::string>& arguments, int input);
  int input_ = -1;
  int output_ = -1;
  pid_t pid_ = -1;  // -1 after it was waited for
  int status_ = 0;
  UnfinishedWork unfinished_;
};

}  // namespace bisque
