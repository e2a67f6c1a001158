// bisque_bench: `--list` describes the rows; `--write-ict-scene FILE` writes the input of the Python rows; a row's name
// runs it as a contender (NAME peer: its peer): it prints "ready", then a line {"ms", "calls"} for each line "round
// SECONDS" on its input, and {"memory_mib"} at the end.
#include "harness/bench.h"

#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <bisque/core/error.h>
#include <nlohmann/json.hpp>

#include "harness/ict_scene.h"

namespace bisque::bench {
namespace {

struct Entry {
  Row row;
  Setup setup, peer;
};

std::vector<Entry>& rows() {
  static std::vector<Entry> rows;
  return rows;
}

std::string compiler() {
#ifdef __clang__
  return std::string("clang ") + __clang_version__;
#else
  return std::string("GCC ") + __VERSION__;
#endif
}

void list_rows() {
  nlohmann::json list{{"compiler", compiler()}, {"torch", TORCH_VERSION}, {"rows", nlohmann::json::array()}};
  for (const auto& [row, setup, peer] : rows()) {
    list["rows"].push_back({{"name", row.name},
                            {"work", row.work},
                            {"note", row.note},
                            {"needs", row.needs},
                            {"peer", row.peer},
                            {"recorded_peer", row.recorded_peer},
                            {"recorded_ms", row.recorded_ms}});
  }
  std::cout << list << '\n';
}

/// A line of /proc/self/status in MiB.
double status_mib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.compare(0, key.size(), key) == 0) return std::stod(line.substr(key.size() + 1)) / 1024;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

double milliseconds(const std::function<void()>& call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// The first call of a round is a warm-up; it counts only if it fills the round.
nlohmann::json run_round(const std::function<void()>& call, double seconds) {
  double total = milliseconds(call), best = total;
  int64_t calls = 1;
  if (total < 1e3 * seconds) {
    best = std::numeric_limits<double>::infinity();
    for (; total < 1e3 * seconds; ++calls) {
      const double once = milliseconds(call);
      best = std::min(best, once);
      total += once;
    }
  }
  return {{"ms", best}, {"calls", calls}};
}

void contend(const std::string& name, bool as_peer) {
  const auto found =
      std::find_if(rows().begin(), rows().end(), [&](const Entry& entry) { return entry.row.name == name; });
  if (found == rows().end()) fail("bisque_bench has no row \"", name, "\"; see --list.");
  if (as_peer && !found->peer) fail("bisque_bench: the row \"", name, "\" has no peer of C++.");
  const auto call = as_peer ? found->peer() : found->setup();
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak is measured from here
  const double before = status_mib("VmRSS:");
  std::cout << "ready" << std::endl;
  std::string word;
  for (double seconds; std::cin >> word >> seconds;) std::cout << run_round(call, seconds) << std::endl;
  std::cout << nlohmann::json{{"memory_mib", status_mib("VmHWM:") - before}} << std::endl;
}

}  // namespace

Bench::Bench(const Row& row, Setup setup, Setup peer) { rows().push_back({row, setup, peer}); }

}  // namespace bisque::bench

int main(int count, char** args) {
  try {
    if (count == 2 && !std::strcmp(args[1], "--list")) {
      bisque::bench::list_rows();
    } else if (count == 3 && !std::strcmp(args[1], "--write-ict-scene")) {
      bisque::bench::write_ict_scene(args[2]);
    } else if (count == 2 || (count == 3 && !std::strcmp(args[2], "peer"))) {
      bisque::bench::contend(args[1], count == 3);
    } else {
      bisque::fail("bisque_bench: expected --list, --write-ict-scene FILE or the name of a row (and `peer`).");
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
