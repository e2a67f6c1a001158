#include "cli/interrupt.h"

#include <csignal>
#include <cstdlib>

namespace bisque::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
volatile std::sig_atomic_t noted_signal = 0;

void note(int signal) { noted_signal = signal; }

bool is_ignored(int signal) {
  struct sigaction action;
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  noted_signal = 0;
  for (const int signal : kSignals) {
    if (!is_ignored(signal)) set_handler(signal, note);
  }
}

InterruptGuard::~InterruptGuard() {
  for (const int signal : kSignals) {
    if (!is_ignored(signal)) set_handler(signal, SIG_DFL);
  }
}

void InterruptGuard::check() {
  if (noted_signal != 0) throw Interrupted{noted_signal};
}

void end_by_signal(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  std::_Exit(128 + signal);  // where the signal is blocked
}

}  // namespace bisque::cli
