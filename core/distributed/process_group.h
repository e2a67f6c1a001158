// ProcessGroup: the processes of a program that torchrun started, on torch's gloo.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/util/intrusive_ptr.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace c10d {
class ProcessGroup;
}

namespace bisque {

enum class ReduceOp { kSum, kMean, kProduct, kMin, kMax };

/// What a counter outlasts: kAttempt ends when torchrun restarts the ranks; kRun does not, if torchrun hosts the store.
enum class CounterScope { kAttempt, kRun };

struct ProcessGroupOptions {
  /// The network interface of this machine, "eth0"; nothing: GLOO_SOCKET_IFNAME (several are separated by commas), or
  /// else the one that leads to MASTER_ADDR (on a machine where that is a loopback address: the default route's).
  std::string interface = "";
  /// The limit for all ranks to appear, and then for each call.
  std::chrono::milliseconds timeout = std::chrono::minutes(5);
  /// Gets a line with this rank's interface and address; nothing: stderr.
  std::function<void(const std::string&)> log = nullptr;
};

/// The processes ("ranks") of a program. Copies refer to the same group, which ends with the last of them. All ranks
/// make the same calls in the same order, with tensors of the same shape and dtype (gloo ends a process that gets
/// another size); each call returns when this rank's part is complete. A group of one, the default, communicates with
/// nobody. Tensors are on the CPU or a GPU, of any dtype and strides. No call has a gradient.
///
/// Error, from any call: a rank is missing, which means that it has ended, cannot be reached, or did not make the call
/// within the timeout; the message names it. After that, the group cannot be used any more.
class ProcessGroup {
 public:
  ProcessGroup();
  /// A group of torch: c10d::resolve_process_group("0") after init_process_group in Python. Null: a group of one. The
  /// errors are torch's, which name no rank.
  ProcessGroup(c10::intrusive_ptr<c10d::ProcessGroup> group);

  int64_t rank() const;
  int64_t size() const;

  /// Copies the values of `root` to the tensors of all ranks.
  void broadcast(const at::Tensor& tensor, int64_t root = 0) const;
  /// Combines the tensors of all ranks into each of them. The result is the same on all ranks. Error: a dtype other
  /// than float64, float32, float16, bfloat16, int64, int32, int8 and uint8; kMean of integers.
  void all_reduce(const at::Tensor& tensor, ReduceOp op = ReduceOp::kSum) const;
  /// The tensors of all ranks, in the order of the ranks.
  std::vector<at::Tensor> all_gather(const at::Tensor& tensor) const;
  /// Returns when all ranks have called it.
  void barrier() const;

  /// Adds to a counter that all ranks share, and returns its value, at first 0 + amount. The only call that ranks make
  /// independently: it distributes work. It takes a round trip to the group's store, and may be called by any thread.
  int64_t add(const std::string& counter, int64_t amount = 1, CounterScope scope = CounterScope::kAttempt) const;

  /// torch's group, for c10d::Reducer and the like; null for a group of one.
  const c10::intrusive_ptr<c10d::ProcessGroup>& torch_group() const;

 private:
  struct State;
  explicit ProcessGroup(std::shared_ptr<State> state) : state_(std::move(state)) {}
  friend ProcessGroup init_process_group(const ProcessGroupOptions& options);

  std::shared_ptr<State> state_;
};

/// The group of all ranks that torchrun started, by RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT. Without RANK and
/// WORLD_SIZE, and for a WORLD_SIZE of 1, a group of one. Returns when all ranks are connected. Error: a variable that
/// is missing or not valid, a torch other than the one that Bisque was built with, an interface without an address, and
/// missing ranks, which the message names.
ProcessGroup init_process_group(const ProcessGroupOptions& options = {});

}  // namespace bisque
