#include <bisque/core/serialization/unfinished_work.h>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>

#include <bisque/core/serialization/atomic_file.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using test::read_file;
using test::TempFolder;

/// Runs a function in a separate process and gives the status that it ends with.
int status_of(const std::function<void()>& function) {
  const int process = ::fork();
  if (process == 0) {
    function();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(process, &status, 0);
  return status;
}

void end_in_order(int signal) {
  abandon_unfinished_work();
  ::_exit(100 + signal);
}

TEST(UnfinishedWork, ASignalHandlerRemovesFilesThatAreNotComplete) {
  const TempFolder folder;
  folder.write("old", "old");
  const int status = status_of([&] {
    std::signal(SIGTERM, end_in_order);
    AtomicFile whole(folder / "whole");
    whole.write("whole");
    whole.commit();
    AtomicFile part(folder / "part"), replacement(folder / "old");
    part.write("part");
    replacement.write("new");
    if (folder.num_files() != 4) ::_exit(1);
    std::raise(SIGTERM);
  });
  EXPECT_EQ(WEXITSTATUS(status), 100 + SIGTERM);
  EXPECT_EQ(folder.num_files(), 2u);
  EXPECT_EQ(read_file(folder / "old"), "old");
  EXPECT_EQ(read_file(folder / "whole"), "whole");
}

TEST(UnfinishedWork, OfAnotherProcessIsLeftAlone) {
  const TempFolder folder;
  AtomicFile file(folder / "a");
  file.write("whole");
  EXPECT_EQ(status_of([] { abandon_unfinished_work(); }), 0);
  file.commit();
  EXPECT_EQ(read_file(folder / "a"), "whole");
}

TEST(UnfinishedWork, ChildProcessesAreKilledAlsoWhenTheyAreStopped) {
  const int status = status_of([] {
    const int child = ::fork();
    if (child == 0) {
      while (true) ::pause();
    }
    UnfinishedWork work;
    {
      const UninterruptedSection section;
      work.set_process(child, section);
    }
    ::kill(child, SIGSTOP);
    abandon_unfinished_work();
    ::_exit(::kill(child, 0) == 0 ? 1 : 0);  // it has been waited for
  });
  EXPECT_EQ(status, 0);
}

TEST(UnfinishedWork, NothingBeginsAfterItWasAbandoned) {
  const TempFolder folder;
  const int status = status_of([&] {
    abandon_unfinished_work();
    ::alarm(1);
    const AtomicFile file(folder / "a");  // waits for the end of the program
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(folder.num_files(), 0u);
}

TEST(UnfinishedWork, ASectionHoldsSignalsBack) {
  const int status = status_of([] {
    std::signal(SIGTERM, [](int) { ::_exit(7); });
    {
      const UninterruptedSection section;
      std::raise(SIGTERM);
      if (!::sigismember(&section.outer_mask(), SIGTERM)) std::signal(SIGTERM, [](int) { ::_exit(8); });
    }
    ::_exit(1);
  });
  EXPECT_EQ(WEXITSTATUS(status), 8);
}

}  // namespace
}  // namespace bisque
