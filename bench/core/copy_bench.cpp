// The copy that measures the machine's speed.
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "harness/bench.h"

namespace bisque::bench {
namespace {

constexpr size_t kBytes = size_t{256} << 20;

void copy_on_all_cores(char* to, const char* from) {
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < cores; ++i) {
    const size_t begin = kBytes / cores * i, end = i + 1 == cores ? kBytes : kBytes / cores * (i + 1);
    threads.emplace_back([=] { std::memcpy(to + begin, from + begin, end - begin); });
  }
}

const Bench copy({.name = "copy_256m", .work = "copy 256 MiB in memory on all cores"}, [] {
  const auto memory = std::make_shared<std::vector<char>>(2 * kBytes, 1);
  return std::function<void()>([memory] { copy_on_all_cores(memory->data(), memory->data() + kBytes); });
});

}  // namespace
}  // namespace bisque::bench
