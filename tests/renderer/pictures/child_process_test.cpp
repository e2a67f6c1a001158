#include <bisque/renderer/pictures/child_process.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include <bisque/tests/renderer/pictures/pictures_testing.h>

namespace bisque {
namespace {

std::vector<uint8_t> bytes(const std::string& text) { return {text.begin(), text.end()}; }

TEST(ChildProcess, ReadsItsInputAndKeepsBothItsOutputs) {
  const auto child = ChildProcess::start({"sh", "-c", "cat; echo words >&2; exit 3"});
  ASSERT_TRUE(child);
  EXPECT_TRUE(child->write(bytes("in, ")));
  EXPECT_EQ(child->wait(), 3);
  EXPECT_EQ(child->output(), "in, words\n");
  EXPECT_EQ(child->wait(), 3);
}

TEST(ChildProcess, ArgumentsReachTheProgramAsTheyAre) {
  const auto child = ChildProcess::start({"printf", "%s|", "a b", "$HOME", "'"});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(), 0);
  EXPECT_EQ(child->output(), "a b|$HOME|'|");
}

TEST(ChildProcess, NoSuchProgramIsNull) { EXPECT_FALSE(ChildProcess::start({"no-such-program-anywhere"})); }

TEST(ChildProcess, WritingToADeadProgramIsFalseAndNoSignal) {
  ASSERT_EQ(std::signal(SIGPIPE, SIG_DFL), SIG_DFL);
  const auto child = ChildProcess::start({"true"});
  ASSERT_TRUE(child);
  const std::vector<uint8_t> megabyte(1 << 20);
  EXPECT_FALSE(child->write(megabyte) && child->write(megabyte));
}

TEST(ChildProcess, ASignalIsTold) {
  const auto child = ChildProcess::start({"sh", "-c", "kill -9 $$"});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(), 128 + SIGKILL);
}

TEST(ChildProcess, LeavingItBehindKillsIt) {
  const auto start = std::chrono::steady_clock::now();
  { const auto child = ChildProcess::start({"sleep", "60"}); }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

TEST(ChildProcess, OfMuchOutputTheEndIsKept) {
  const auto child = ChildProcess::start({"sh", "-c", "head -c 200000 /dev/zero; echo end"});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(), 0);
  EXPECT_EQ(child->output().size(), 65536u);
  EXPECT_TRUE(child->output().ends_with("end\n"));
}

/// Checks a child of a program with closed standard streams. It runs in a separate process.
TEST(ChildProcess, ClosedStandardStreamsDoNotMixWithItsDescriptors) {
  const auto check = [] {
    for (const int fd : {0, 1, 2}) ::close(fd);
    const auto child = ChildProcess::start({"sh", "-c", "cat; echo words >&2; exit 3"});
    const bool is_right =
        child && child->write(bytes("in, ")) && child->wait() == 3 && child->output() == "in, words\n";
    ::_exit(is_right ? 0 : 1);
  };
  EXPECT_EXIT(check(), testing::ExitedWithCode(0), "");
}

TEST(ChildProcess, InheritsNoOtherDescriptors) {
  const int open_file = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC, as a shell's
  const auto child = ChildProcess::start({"sh", "-c", "ls /proc/$$/fd"});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(), 0);
  EXPECT_EQ(child->output(), "0\n1\n2\n");
  ::close(open_file);
}

TEST(ChildProcess, BlocksNoSignals) {
  const auto child = ChildProcess::start({"sh", "-c", "grep SigBlk /proc/self/status"});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(), 0);
  EXPECT_EQ(child->output(), "SigBlk:\t0000000000000000\n");
}

}  // namespace
}  // namespace bisque
