#include <bisque/core/serialization/unfinished_work.h>

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <utility>

namespace bisque {
namespace {

constexpr int kMostWaits = 2000;  // of one millisecond

std::atomic<bool> is_in_section = false;

void wait_a_millisecond() { ::poll(nullptr, 0, 1); }  // safe in a signal handler

void kill_and_wait(pid_t process) {
  ::kill(process, SIGKILL);
  for (int i = 0; i < kMostWaits && ::waitpid(process, nullptr, WNOHANG) == 0; ++i) wait_a_millisecond();
}

}  // namespace

UninterruptedSection::UninterruptedSection() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &outer_mask_);
  while (is_in_section.exchange(true)) {
    ::pthread_sigmask(SIG_SETMASK, &outer_mask_, nullptr);
    ::sched_yield();
    ::pthread_sigmask(SIG_BLOCK, &all, &outer_mask_);
  }
}

UninterruptedSection::~UninterruptedSection() {
  is_in_section = false;
  ::pthread_sigmask(SIG_SETMASK, &outer_mask_, nullptr);
}

std::list<UnfinishedWork::Entry>& UnfinishedWork::entries() {
  static auto* all = new std::list<Entry>;  // files may be written by static destructors
  return *all;
}

void UnfinishedWork::set(Entry entry, const UninterruptedSection&) {
  entry.owner = ::getpid();
  entries().push_front(std::move(entry));
  entry_ = entries().begin();
  is_set_ = true;
}

void UnfinishedWork::set_file(const std::string& path) {
  clear();
  const UninterruptedSection section;
  set({path, -1}, section);
}

void UnfinishedWork::set_process(pid_t process, const UninterruptedSection& section) {
  clear(section);
  set({{}, process}, section);
}

void UnfinishedWork::clear() {
  if (!is_set_) return;
  const UninterruptedSection section;
  clear(section);
}

void UnfinishedWork::clear(const UninterruptedSection&) {
  if (std::exchange(is_set_, false)) entries().erase(entry_);
}

void abandon_unfinished_work() noexcept {
  int waits = 0;
  while (is_in_section.exchange(true)) {
    if (++waits == kMostWaits) return;  // another signal is ending the program
    wait_a_millisecond();
  }
  const pid_t self = ::getpid();
  auto& entries = UnfinishedWork::entries();
  // Programs first: they write to the files.
  for (const auto& entry : entries) {
    if (entry.owner == self && entry.process > 0) kill_and_wait(entry.process);
  }
  for (const auto& entry : entries) {
    if (entry.owner == self && !entry.file.empty()) ::unlink(entry.file.c_str());
  }
}

}  // namespace bisque
