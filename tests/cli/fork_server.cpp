// Runs the program's command line in forked children of a process that has loaded libtorch once: what a command does
// takes milliseconds then, of which loading would take 450. tests/cli/fork_server.py starts it.
//
// Standard input is a socket of sequenced packets. A packet is one run: the folder to run in and the arguments, each
// ended by NUL, with four descriptors: the run's standard input, output and error, and a socket for two answers, the
// process number and later the wait status, both int32.
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "cli/program.h"

namespace {

constexpr int kDescriptors = 4;

struct Run {
  std::string words;
  int descriptors[kDescriptors];
};

/// Waits for the next run; false after the last one.
bool receive(Run& run) {
  run.words.resize(size_t{1} << 18);
  iovec text{run.words.data(), run.words.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(run.descriptors))];
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  const ssize_t size = ::recvmsg(STDIN_FILENO, &message, 0);
  if (size <= 0) return false;
  run.words.resize(static_cast<size_t>(size));
  std::memcpy(run.descriptors, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(run.descriptors));
  return true;
}

/// Becomes the program.
[[noreturn]] void become_program(Run& run) {
  for (int fd = 0; fd < 3; ++fd) ::dup2(run.descriptors[fd], fd);
  for (const int fd : run.descriptors) ::close(fd);
  std::vector<char*> words;
  for (char* word = run.words.data(); word < run.words.data() + run.words.size(); word += std::strlen(word) + 1) {
    words.push_back(word);
  }
  words.push_back(nullptr);
  if (::chdir(words[0]) != 0) std::perror(words[0]), std::exit(126);
  const int code = bisque::cli::run_program(static_cast<int>(words.size()) - 2, words.data() + 1);
  std::fflush(nullptr);
  ::_exit(code);  // the destructors of libtorch would take most of the time
}

/// Starts the program, and waits for its end in place of who asked.
[[noreturn]] void start(Run& run) {
  const int32_t process = ::fork();
  if (process == 0) become_program(run);
  const int answers = run.descriptors[3];
  bool answered = ::write(answers, &process, sizeof(process)) == sizeof(process);
  int32_t status = 0;
  ::waitpid(process, &status, 0);
  answered = answered && ::write(answers, &status, sizeof(status)) == sizeof(status);
  ::_exit(answered ? 0 : 1);
}

}  // namespace

int main() {
  // A thread would be missing in the children.
  const auto threads = std::filesystem::directory_iterator("/proc/self/task");
  if (std::distance(threads, {}) != 1) {
    std::fputs("fork_server: libtorch has started a thread while it was loaded, expected none.\n", stderr);
    return 1;
  }
  for (Run run; receive(run);) {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {  // those that have ended
    }
    if (::fork() == 0) start(run);
    for (const int fd : run.descriptors) ::close(fd);
  }
}
