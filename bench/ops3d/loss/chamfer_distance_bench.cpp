#include <bisque/ops3d/loss/chamfer_distance.h>

#include <ATen/ATen.h>

#include "harness/bench.h"

namespace bisque::bench {
namespace {

template <int64_t kPoints>
std::function<void()> set_up_chamfer() {
  at::manual_seed(0);
  const auto x = at::rand({1, kPoints, 3}), y = at::rand({1, kPoints, 3});
  return [x, y] { chamfer_distance(x, y); };
}

const Bench chamfer_10k({.name = "chamfer_10k",
                         .work = "the Chamfer distance of two clouds of 10,000 points, float32",
                         .note = "the target is a sixtieth of the peer",
                         .recorded_peer = "PyTorch3D on the CPU",
                         .recorded_ms = 822},
                        set_up_chamfer<10'000>);

const Bench chamfer_100k({.name = "chamfer_100k", .work = "the same of 100,000 points"}, set_up_chamfer<100'000>);

}  // namespace
}  // namespace bisque::bench
