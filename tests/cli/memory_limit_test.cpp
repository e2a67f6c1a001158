#include "cli/memory_limit.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <bisque/tests/testing/temp_folder.h>

namespace bisque::cli {
namespace {

/// A tree with the /proc and /sys of another machine.
class Machine {
 public:
  Machine(const std::string& groups, const std::string& mounts) {
    write("proc/self/cgroup", groups);
    write("proc/self/mountinfo", mounts);
  }
  void write(const std::string& path, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(folder_ / path).parent_path());
    std::ofstream(folder_ / path) << content;
  }
  MemoryLimit limit() const {
    const std::string root = folder_ / "";
    return memory_limit(root.substr(0, root.size() - 1));
  }

 private:
  test::TempFolder folder_;
};

double machine_memory() {
  return static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGE_SIZE));
}

const char* const kV2 = "29 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
const char* const kV1 =
    "33 25 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
    "34 25 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

TEST(MemoryLimit, IsTheMachinesWithoutGroups) {
  EXPECT_EQ(Machine("", "").limit().bytes, machine_memory());
  Machine unlimited("0::/user\n", kV2);
  unlimited.write("sys/fs/cgroup/user/memory.max", "max\n");
  EXPECT_EQ(unlimited.limit().bytes, machine_memory());
  EXPECT_FALSE(unlimited.limit().is_of_group);
}

TEST(MemoryLimit, IsTheLeastOfNestedGroups) {
  Machine machine("0::/system/job/part\n", kV2);
  machine.write("sys/fs/cgroup/system/job/part/memory.max", "max\n");
  machine.write("sys/fs/cgroup/system/job/memory.max", "50000000\n");
  machine.write("sys/fs/cgroup/system/memory.max", "70000000\n");
  EXPECT_EQ(machine.limit().bytes, 50000000);
  EXPECT_TRUE(machine.limit().is_of_group);
  machine.write("sys/fs/cgroup/system/memory.max", "30000000\n");
  EXPECT_EQ(machine.limit().bytes, 30000000);
}

TEST(MemoryLimit, IsThatOfAContainerWhichSeesItsOwnGroupAlone) {
  Machine machine("0::/\n", kV2);
  machine.write("sys/fs/cgroup/memory.max", "40000000\n");
  EXPECT_EQ(machine.limit().bytes, 40000000);
  Machine sibling("0::/../other\n", kV2);
  sibling.write("sys/fs/cgroup/memory.max", "45000000\n");
  EXPECT_EQ(sibling.limit().bytes, 45000000);
}

TEST(MemoryLimit, OfVersionOneIsRead) {
  Machine machine("5:cpu:/\n4:hugetlb,memory:/batch/job\n0::/\n", kV1);
  machine.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  machine.write("sys/fs/cgroup/memory/batch/memory.limit_in_bytes", "60000000\n");
  machine.write("sys/fs/cgroup/memory/batch/job/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(machine.limit().bytes, 60000000);
  Machine docker("4:memory:/docker/ab12\n",
                 "34 25 0:29 /docker/ab12 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
  docker.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "20000000\n");
  EXPECT_EQ(docker.limit().bytes, 20000000);
}

}  // namespace
}  // namespace bisque::cli
