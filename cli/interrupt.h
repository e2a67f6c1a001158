// Ends work in an orderly way when the user or the system asks for it.
#pragma once

namespace bisque::cli {

/// Thrown where work stops because of a signal, so that unfinished files are removed on the way out.
struct Interrupted {
  int signal = 0;
};

/// While one lives, the first SIGINT, SIGTERM or SIGHUP is only noted; a second one ends the program at once. One at a
/// time. A signal that the program was started to ignore stays ignored.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Throws Interrupted where a signal has come.
  static void check();
};

/// Ends the program by the signal, as the shell that started it expects.
[[noreturn]] void end_by_signal(int signal);

}  // namespace bisque::cli
