#include <gtest/gtest.h>

#include <bisque/core/distributed/group_error.h>
#include <bisque/core/distributed/launch_environment.h>
#include <bisque/core/distributed/network.h>
#include <bisque/core/distributed/rendezvous.h>
#include <bisque/tests/testing/errors.h>

#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace bisque {
namespace {

using test::error_of;
using Variables = std::map<std::string, std::string>;

LaunchEnvironment read(const Variables& variables) {
  return read_launch_environment([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

const Variables kWhole{{"RANK", "3"}, {"WORLD_SIZE", "4"}, {"MASTER_ADDR", "10.0.0.1"}, {"MASTER_PORT", "29500"}};

std::string error_with(const std::string& name, const std::string& value) {
  Variables variables = kWhole;
  variables[name] = value;
  return error_of([&] { read(variables); });
}

TEST(LaunchEnvironment, IsThatOfTorchrun) {
  const LaunchEnvironment launch = read(kWhole);
  EXPECT_EQ(launch.rank, 3);
  EXPECT_EQ(launch.size, 4);
  EXPECT_EQ(launch.store_place(), "10.0.0.1:29500");
  EXPECT_EQ(launch.restart_count, 0);
  EXPECT_FALSE(launch.hosts_store());
}

TEST(LaunchEnvironment, RankZeroHostsTheStoreUnlessTorchrunDoes) {
  Variables variables = kWhole;
  variables["RANK"] = "0";
  EXPECT_TRUE(read(variables).hosts_store());
  variables["TORCHELASTIC_USE_AGENT_STORE"] = "False";
  EXPECT_TRUE(read(variables).hosts_store());
  variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  variables["TORCHELASTIC_RESTART_COUNT"] = "2";
  EXPECT_FALSE(read(variables).hosts_store());
  EXPECT_EQ(read(variables).restart_count, 2);
}

TEST(LaunchEnvironment, IsAGroupOfOneWithoutTorchrun) {
  EXPECT_EQ(read({}).size, 1);
  EXPECT_EQ(read({{"MASTER_ADDR", "10.0.0.1"}}).size, 1) << "clusters set it for all programs";
  EXPECT_EQ(read({{"RANK", "0"}, {"WORLD_SIZE", "1"}}).size, 1);
  EXPECT_EQ(read({{"RANK", ""}, {"WORLD_SIZE", ""}}).size, 1);
}

TEST(LaunchEnvironment, NamesAVariableThatIsMissing) {
  for (const auto& [name, value] : kWhole) {
    Variables variables = kWhole;
    variables.erase(name);
    EXPECT_EQ(error_of([&] { read(variables); }),
              "init_process_group: " + name + " is not set, but " + (name == "RANK" ? "WORLD_SIZE" : "RANK") +
                  " is; expected RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, as torchrun sets them.");
  }
}

TEST(LaunchEnvironment, NamesAVariableThatIsNotValid) {
  EXPECT_EQ(error_with("RANK", "4"), "init_process_group: RANK is \"4\"; expected a whole number from 0 to 3.");
  EXPECT_EQ(error_with("RANK", "-1"), "init_process_group: RANK is \"-1\"; expected a whole number from 0 to 3.");
  EXPECT_EQ(error_with("WORLD_SIZE", "0"),
            "init_process_group: WORLD_SIZE is \"0\"; expected a whole number from 1 to 2147483647.");
  EXPECT_EQ(error_with("WORLD_SIZE", "4x"),
            "init_process_group: WORLD_SIZE is \"4x\"; expected a whole number from 1 to 2147483647.");
  EXPECT_EQ(error_with("MASTER_PORT", "65536"),
            "init_process_group: MASTER_PORT is \"65536\"; expected a whole number from 1 to 65535.");
  EXPECT_EQ(
      error_with("TORCHELASTIC_RESTART_COUNT", "many"),
      "init_process_group: TORCHELASTIC_RESTART_COUNT is \"many\"; expected a whole number from 0 to 2147483647.");
}

TEST(LaunchEnvironment, SpansMachinesIfThisOneHasFewerRanks) {
  Variables variables = kWhole;
  EXPECT_FALSE(read(variables).spans_machines);
  for (const char* local : {"4", "2"}) {
    variables["LOCAL_WORLD_SIZE"] = local;
    EXPECT_EQ(read(variables).spans_machines, *local == '2');
  }
  EXPECT_EQ(error_with("LOCAL_WORLD_SIZE", "0"),
            "init_process_group: LOCAL_WORLD_SIZE is \"0\"; expected a whole number from 1 to 2147483647.");
}

TEST(LaunchEnvironment, WritesAnIpv6AddressInBrackets) {
  Variables variables = kWhole;
  variables["MASTER_ADDR"] = "fd00::1";
  EXPECT_EQ(read(variables).store_place(), "[fd00::1]:29500");
}

TEST(Rendezvous, ChecksTheTorchThatRuns) {
  const auto version = [](uint64_t major, uint64_t minor, uint64_t patch) {
    return major << 56 | minor << 48 | patch << 40;
  };
  check_torch_version(version(2, 14, 1), version(2, 14, 1) | 7);
  EXPECT_EQ(error_of([&] { check_torch_version(version(2, 14, 1), version(2, 15, 0)); }),
            "init_process_group: this Bisque was built with torch 2.14.1, but torch 2.15.0 is loaded; expected the "
            "same.");
}

TEST(GroupErrors, GiveOneSentenceOfGloo) {
  const std::string words =
      "[/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:547] Connection closed by peer [10.0.0.3]:41822. This is "
      "typical.\nsecond line";
  EXPECT_EQ(reason_of(std::runtime_error(words)), "Connection closed by peer [10.0.0.3]:41822");
  EXPECT_EQ(reason_of(std::runtime_error("Socket closed.")), "Socket closed");
  EXPECT_EQ(reason_of(std::runtime_error("")), "no reason was given");
}

TEST(GroupErrors, NameRanksAndTimes) {
  EXPECT_EQ(ranks_text({2}, 4), "rank 2 of 4");
  EXPECT_EQ(ranks_text({1, 3}, 4), "ranks 1, 3 of 4");
  std::vector<int64_t> many(30);
  for (size_t i = 0; i < many.size(); ++i) many[i] = static_cast<int64_t>(i);
  EXPECT_EQ(ranks_text(many, 40), "ranks 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 20 more of 40");
  EXPECT_EQ(seconds_text(std::chrono::milliseconds(2500)), "2.5 s");
  EXPECT_EQ(seconds_text(std::chrono::minutes(5)), "300 s");
}

TEST(Network, FindsTheAddressThatLeadsToAHost) {
  EXPECT_EQ(local_address_towards("127.0.0.1", 29500), "127.0.0.1");
  EXPECT_NE(interface_names().find("lo"), std::string::npos);
  EXPECT_TRUE(is_loopback("127.0.1.1") && is_loopback("::1"));
  EXPECT_FALSE(is_loopback("10.0.0.1") || is_loopback("1127.0.0.1") || is_loopback("fd00::1"));
}

}  // namespace
}  // namespace bisque
