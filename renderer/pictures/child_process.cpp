#include <bisque/renderer/pictures/child_process.h>

#include <fcntl.h>
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
constexpr int kUnknownStatus = 255;  // a host program that ignores SIGCHLD takes the status away

void close_if_open(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

int spawn(const std::vector<std::string>& arguments, int input, int output, pid_t& pid) {
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  const int error = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

std::unique_ptr<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments) {
  std::unique_ptr<ChildProcess> child(new ChildProcess);
  // A socket and not a pipe: MSG_NOSIGNAL makes a write to a dead program an error instead of a signal, and
  // changes no signal handler of the host program.
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    fail(arguments[0], " cannot be started (", std::strerror(errno), ").");
  }
  child->input_ = ends[0];
  int theirs = ends[1];
  child->output_ = ::memfd_create("output", MFD_CLOEXEC);
  int error = child->output_ < 0 ? errno : spawn(arguments, theirs, child->output_, child->pid_);
  close_if_open(theirs);
  if (error == 0) return child;
  child->pid_ = -1;
  if (error == ENOENT || error == EACCES) return nullptr;
  fail(arguments[0], " cannot be started (", std::strerror(error), ").");
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
