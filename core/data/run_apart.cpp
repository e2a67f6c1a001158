#include <bisque/core/data/run_apart.h>

#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstddef>

namespace bisque::data {
namespace {

constexpr size_t kApartStack = size_t{8} << 20;

struct ApartCall {
  const std::function<void()>& function;
  bool has_returned = false;
};

int make_call(void* argument) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  auto& call = *static_cast<ApartCall*>(argument);
  call.function();
  call.has_returned = true;
  return 0;
}

}  // namespace

bool run_apart(const std::function<void()>& function) {
  void* stack = mmap(nullptr, kApartStack, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return false;
  ApartCall call{function};
  // CLONE_VFORK stops this thread meanwhile: the other process shares its thread-local variables.
  const int pid =
      clone(make_call, static_cast<std::byte*>(stack) + kApartStack, CLONE_VM | CLONE_VFORK | SIGCHLD, &call);
  while (pid > 0 && waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  munmap(stack, kApartStack);
  return call.has_returned;
}

}  // namespace bisque::data
