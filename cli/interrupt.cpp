#include "cli/interrupt.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>

#include <bisque/core/progress.h>
#include <bisque/core/serialization/unfinished_work.h>

namespace bisque::cli {
namespace {

constexpr int kEndingSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU};

void say_interrupted() {
  constexpr std::string_view kText = "\nbisque: interrupted.\n";
  const std::string_view text = progress_line_is_open() ? kText : kText.substr(1);
  pollfd stream{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&stream, 1, 0) > 0) (void)!::write(STDERR_FILENO, text.data(), text.size());
}

/// Calls only functions that are safe in a signal handler.
void end_program(int signal) {
  abandon_unfinished_work();
  if (signal != SIGPIPE) say_interrupted();  // the pipe may be stderr
  std::signal(signal, SIG_DFL);
  sigset_t mask;
  ::sigemptyset(&mask);
  ::sigaddset(&mask, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &mask, nullptr);
  std::raise(signal);  // so the parent sees the signal as the cause
  std::_Exit(128 + signal);
}

void set_handler(int signal, void (*handler)(int), int flags) {
  struct sigaction action;
  if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) return;
  action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  for (const int other : kEndingSignals) ::sigaddset(&action.sa_mask, other);
  ::sigdelset(&action.sa_mask, signal);  // a second one
  ::sigaction(signal, &action, nullptr);
}

void note_nothing(int) {}

}  // namespace

void handle_signals() {
  for (const int signal : kEndingSignals) {
    set_handler(signal, end_program, static_cast<int>(SA_RESETHAND | SA_NODEFER | SA_RESTART));
  }
  set_handler(SIGXFSZ, note_nothing, SA_RESTART);  // not SIG_IGN, which ffmpeg would inherit
}

void open_standard_streams() {
  constexpr int kUseless[] = {O_WRONLY, O_RDONLY, O_RDONLY};  // opened in the wrong direction
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) (void)!::open("/dev/null", kUseless[fd]);
  }
}

}  // namespace bisque::cli
