#include <bisque/renderer/pictures/child_process.h>

#include <fcntl.h>
#include <features.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <bisque/core/error.h>

extern char** environ;

namespace bisque {
namespace {

constexpr off_t kKeptOutput = 64 << 10;
constexpr int kUnknownStatus = 255;  // if the host program ignores SIGCHLD, the status is lost

void close_if_open(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

/// Moves a descriptor out of the range of the standard streams, where a program with closed ones would get it.
int above_standard_streams(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int error = errno;
  ::close(fd);
  errno = error;
  return moved;
}

int spawn(const std::vector<std::string>& arguments, int input, int output, const sigset_t& mask, pid_t& pid) {
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
#if __GLIBC_PREREQ(2, 34)
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
#endif
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  ::posix_spawnattr_setsigmask(&attributes, &mask);
  const int error = ::posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

std::unique_ptr<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments) {
  std::unique_ptr<ChildProcess> child(new ChildProcess);
  // A socket instead of a pipe: MSG_NOSIGNAL makes a write to a dead program an error instead of a signal, without
  // changing the host program's signal handlers.
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    fail(arguments[0], " cannot be started (", std::strerror(errno), ").");
  }
  child->input_ = above_standard_streams(ends[0]);
  int theirs = above_standard_streams(ends[1]);
  child->output_ = above_standard_streams(::memfd_create("output", MFD_CLOEXEC));
  const bool is_open = child->input_ >= 0 && theirs >= 0 && child->output_ >= 0;
  const int error = is_open ? child->spawn_program(arguments, theirs) : errno;
  close_if_open(theirs);
  if (error == 0) return child;
  child->pid_ = -1;
  if (error == ENOENT || error == EACCES) return nullptr;
  fail(arguments[0], " cannot be started (", std::strerror(error), ").");
}

int ChildProcess::spawn_program(const std::vector<std::string>& arguments, int input) {
  const UninterruptedSection section;
  const int error = spawn(arguments, input, output_, section.outer_mask(), pid_);
  if (error == 0) unfinished_.set_process(pid_, section);
  return error;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    wait();
  }
  close_if_open(input_);
  close_if_open(output_);
}

bool ChildProcess::write(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::send(input_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return true;
}

int ChildProcess::wait() noexcept {
  close_if_open(input_);
  if (pid_ < 0) return status_;
  siginfo_t ended;
  while (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  // From here on its process id may be reused.
  const UninterruptedSection section;
  unfinished_.clear(section);
  int status = 0;
  pid_t waited;
  do {
    waited = ::waitpid(pid_, &status, 0);
  } while (waited < 0 && errno == EINTR);
  pid_ = -1;
  status_ = waited < 0 ? kUnknownStatus : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return status_;
}

std::string ChildProcess::output() const {
  struct stat info;
  if (::fstat(output_, &info) != 0) return {};
  std::string text(static_cast<size_t>(std::min<off_t>(info.st_size, kKeptOutput)), '\0');
  const off_t start = info.st_size - static_cast<off_t>(text.size());
  const ssize_t count = ::pread(output_, text.data(), text.size(), start);
  text.resize(count > 0 ? static_cast<size_t>(count) : 0);
  return text;
}

}  // namespace bisque
