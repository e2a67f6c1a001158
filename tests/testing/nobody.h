// What the file system rejects: root may do everything, so such tests give up root in a child process.
#pragma once
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace bisque::test {

/// The string that `action` returns in a child process, which is the user nobody if this process is root's.
template <class Action>
[[nodiscard]] std::string as_nobody(const Action& action) {
  constexpr int kNobody = 65534;
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) {
      ::_exit(1);
    }
    const std::string result = action();
    ::_exit(::write(ends[1], result.data(), result.size()) == static_cast<ssize_t>(result.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string result;
  char part[4096];
  for (ssize_t size; (size = ::read(ends[0], part, sizeof(part))) > 0;) result.append(part, static_cast<size_t>(size));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0 ? result : "the child ended with status " + std::to_string(status);
}

}  // namespace bisque::test
