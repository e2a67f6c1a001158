#include <bisque/core/plugin/probe.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

#include <bisque/core/error.h>
#include <bisque/core/plugin/abi.h>
#include <bisque/core/plugin/exception_text.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

/// What the child reports, in memory that both processes share.
struct Report {
  std::atomic<int> step;
  std::atomic<bool> has_answered;
  char answer[4096];
};

class SharedReport : public ProbeChild {
 public:
  SharedReport() {
    void* memory = ::mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail("a process that probes plugins cannot be started (", std::strerror(errno), ").");
    report_ = new (memory) Report{};
  }
  ~SharedReport() override { ::munmap(report_, sizeof(Report)); }
  SharedReport(const SharedReport&) = delete;
  SharedReport& operator=(const SharedReport&) = delete;

  void begin(ProbeStep step) override { report_->step = static_cast<int>(step); }
  void answer(const std::string& failure) override {
    std::snprintf(report_->answer, sizeof(report_->answer), "%s", failure.c_str());
    report_->has_answered = true;
  }
  const Report* operator->() const { return report_; }

 private:
  Report* report_;
};

/// A file descriptor that is closed.
struct Descriptor {
  explicit Descriptor(int number) : number(number) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number;
};

/// Runs in the child: nothing of the parent's may be flushed or destroyed there, so it leaves by _exit().
[[noreturn]] void run_child(SharedReport& report, int output, const std::function<void(ProbeChild&)>& load) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTERM, SIGINT}) ::signal(signal, SIG_DFL);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  // A library that calls exit(): no handler of this process's libraries may run. (The latest handler runs first.)
  ::on_exit([](int code, void*) { ::_exit(code); }, nullptr);
  std::string failure;
  try {
    load(report);
  } catch (...) {
    failure = current_exception_text();
  }
  report.answer(failure);
  ::_exit(0);
}

/// Waits until the child has closed its end of the pipe, which it does by ending. False: it was killed after `timeout`.
bool wait_for_end(int pipe, pid_t child, std::chrono::seconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd watched{pipe, POLLIN, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0) break;
    if (errno != EINTR) break;
  }
  ::kill(child, SIGKILL);
  return false;
}

int wait_status_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// `, after it printed "..."`: the last line that the child wrote.
std::string last_words(int output) {
  std::string text(4096, '\0');
  const off_t size = ::lseek(output, 0, SEEK_END);
  const ssize_t count = ::pread(output, text.data(), text.size(), std::max<off_t>(0, size - 4096));
  text.resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
  while (!text.empty() && std::strchr(" \n\r", text.back())) text.pop_back();
  text = text.substr(text.find_last_of('\n') + 1);
  return text.empty() ? "" : ", after it printed " + quoted_text(text);
}

std::string how_it_ended(int status, bool in_time, std::chrono::seconds timeout) {
  if (!in_time) return "does not return within " + std::to_string(timeout.count()) + " s";
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return "crashes with signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  }
  return "ends the process with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

ProbeOutcome probe_in_child(const std::string& path, std::chrono::seconds timeout,
                            const std::function<void(ProbeChild&)>& load) {
  SharedReport report;
  const Descriptor output(::memfd_create("bisque plugin output", MFD_CLOEXEC));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail(path, ": cannot be probed (", std::strerror(errno), ").");
  const Descriptor read_end(ends[0]);
  pid_t child;
  {
    const Descriptor write_end(ends[1]);  // of the parent: closed, so that only the child holds one
    child = ::fork();
    if (child == 0) run_child(report, output.number, load);
  }
  if (child < 0) fail(path, ": cannot be probed (", std::strerror(errno), ").");
  const bool in_time = wait_for_end(read_end.number, child, timeout);
  const int status = wait_status_of(child);
  if (report->has_answered) return {report->answer, false};
  const bool in_entry = report->step == static_cast<int>(ProbeStep::kCallingEntry);
  return {path + ": " + (in_entry ? "its entry " BISQUE_PLUGIN_ENTRY " " : "a static initialiser of it ") +
              how_it_ended(status, in_time, timeout) + last_words(output.number) +
              ", expected one that returns to the program.",
          true};
}

std::chrono::seconds probe_timeout() {
  const char* value = std::getenv("BISQUE_PLUGIN_TIMEOUT");
  if (!value || !*value) return std::chrono::seconds(20);
  const std::string_view text = value;
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds <= 0) {
    fail("BISQUE_PLUGIN_TIMEOUT is ", quoted_text(text), ", expected a positive number of seconds.");
  }
  return std::chrono::seconds(seconds);
}

}  // namespace bisque
