#include <bisque/core/distributed/process_group.h>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/inductor/aoti_torch/c/shim.h>
#include <torch/headeronly/version.h>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <bisque/core/distributed/group_error.h>
#include <bisque/core/distributed/rendezvous.h>
#include <bisque/core/dtype_name.h>
#include <bisque/core/error.h>

namespace bisque {
namespace {

using Milliseconds = std::chrono::milliseconds;
using WorkPtr = c10::intrusive_ptr<c10d::Work>;

/// A rank that waits for longer in a call announces itself.
constexpr Milliseconds kPatience = std::chrono::seconds(1);
/// After an error, the other ranks get this time to announce themselves.
constexpr Milliseconds kGrace = std::chrono::seconds(3);

/// Whether the work is complete in time. Error: that of the work.
bool completes_within(c10d::Work& work, Milliseconds limit) {
  try {
    work.wait(limit);
    return true;
  } catch (...) {
    if (work.isCompleted()) throw;
    return false;
  }
}

/// gloo takes contiguous tensors without a gradient.
at::Tensor plain(const at::Tensor& tensor) { return tensor.detach().contiguous(); }

/// The same memory as bytes, for calls that only copy.
at::Tensor bytes_of(const at::Tensor& contiguous) { return contiguous.reshape({-1}).view(at::kByte); }

void copy_back(const at::Tensor& from, const at::Tensor& to) {
  const at::NoGradGuard no_gradients;
  if (!from.is_alias_of(to)) to.detach().copy_(from);
}

c10d::ReduceOp::RedOpType torch_op(ReduceOp op) {
  switch (op) {
    case ReduceOp::kProduct:
      return c10d::ReduceOp::PRODUCT;
    case ReduceOp::kMin:
      return c10d::ReduceOp::MIN;
    case ReduceOp::kMax:
      return c10d::ReduceOp::MAX;
    default:
      return c10d::ReduceOp::SUM;
  }
}

void check_reducible(const at::Tensor& tensor, ReduceOp op) {
  const at::ScalarType type = tensor.scalar_type();
  constexpr at::ScalarType kTypes[] = {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16,
                                       at::kLong,   at::kInt,   at::kChar, at::kByte};
  if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes)) {
    fail("all_reduce: expected a tensor of floating point or integer numbers of 8, 32 or 64 bits, but got ",
         dtype_name(type), ".");
  }
  if (op == ReduceOp::kMean && !at::isFloatingType(type)) {
    fail("all_reduce: expected a floating point tensor for the mean, but got ", dtype_name(type), ".");
  }
}

void log_to_stderr(const std::string& line) { std::fprintf(stderr, "bisque: %s\n", line.c_str()); }

}  // namespace

struct ProcessGroup::State {
  int64_t rank = 0;
  int64_t size = 1;
  bool hosts_store = false;
  Milliseconds timeout = Milliseconds(0);
  std::optional<GroupStore> store, run_store;  // for one attempt, and for the run; none for a group of torch
  c10::intrusive_ptr<c10d::ProcessGroup> group;
  std::atomic<int64_t> num_calls = 0;
  std::mutex mutex;  // of the counters of a group of one
  std::map<std::string, int64_t> counters;

  /// Tells the other ranks which call this one is in. A store that is lost is found by missing_ranks.
  void announce(int64_t call) const {
    try {
      if (store) store->set(call_key(rank), std::to_string(call));
    } catch (const Error&) {
    }
  }

  /// The ranks that have not come to a call. Error: the store is lost.
  std::vector<int64_t> missing_ranks(int64_t call) const {
    std::vector<std::string> keys;
    for (int64_t other = 0; other < size; ++other) keys.push_back(call_key(other));
    const auto deadline = std::chrono::steady_clock::now() + kGrace;
    for (;;) {
      const std::vector<std::string> calls = store->get(keys);
      std::vector<int64_t> missing;
      for (int64_t other = 0; other < size; ++other) {
        if (std::stoll(calls[static_cast<size_t>(other)]) < call) missing.push_back(other);
      }
      if (missing.empty() || std::chrono::steady_clock::now() > deadline) return missing;
      std::this_thread::sleep_for(Milliseconds(100));
    }
  }

  [[noreturn]] void fail_without(const std::string& name, int64_t call, const std::string& reason) const {
    if (!store) fail(name, ": a rank of ", size, " is missing (", reason, ").");
    announce(call);
    std::vector<int64_t> missing;
    try {
      missing = missing_ranks(call);
    } catch (const Error&) {
      fail(name, ": rank 0 of ", size, " is missing, or torchrun on its machine: the store at ", store->place(),
           " does not answer (", reason, ").");
    }
    // The store ends with this process: ranks that fail later still need it.
    if (hosts_store) std::this_thread::sleep_for(kGrace);
    if (missing.empty()) {
      fail(name, ": failed on rank ", rank, " of ", size, " (", reason, "); expected the same call on all ranks.");
    }
    fail(name, ": ", ranks_text(missing, size), missing.size() == 1 ? " is" : " are", " missing (", reason,
         "); expected all ranks to make this call within ", seconds_text(timeout), ".");
  }

  /// Starts a collective call and waits for it.
  void run(const char* name, const std::function<WorkPtr()>& start) {
    const int64_t call = ++num_calls;
    try {
      const WorkPtr work = start();
      if (completes_within(*work, kPatience)) return;
      announce(call);
      work->wait();
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      fail_without(name, call, reason_of(error));
    }
  }

  void connect(const GlooDevices& devices) {
    try {
      const auto backend =
          connect_gloo(store->torch_store(), static_cast<int>(rank), static_cast<int>(size), devices, timeout);
      group =
          c10::make_intrusive<c10d::ProcessGroup>(store->torch_store(), static_cast<int>(rank), static_cast<int>(size));
      group->setDefaultBackend(c10d::ProcessGroup::BackendType::GLOO);
      for (const auto device : {c10::DeviceType::CPU, c10::DeviceType::CUDA}) {
        group->setBackend(device, c10d::ProcessGroup::BackendType::GLOO, backend);
      }
    } catch (const std::exception& error) {
      fail_without("init_process_group", 0, reason_of(error));
    }
    announce(0);  // for a rank that fails
  }
};

ProcessGroup::ProcessGroup() : state_(std::make_shared<State>()) {}

ProcessGroup::ProcessGroup(c10::intrusive_ptr<c10d::ProcessGroup> group) : ProcessGroup() {
  if (!group) return;
  state_->rank = group->getRank();
  state_->size = group->getSize();
  state_->group = std::move(group);
}

int64_t ProcessGroup::rank() const { return state_->rank; }
int64_t ProcessGroup::size() const { return state_->size; }

const c10::intrusive_ptr<c10d::ProcessGroup>& ProcessGroup::torch_group() const { return state_->group; }

void ProcessGroup::broadcast(const at::Tensor& tensor, int64_t root) const {
  if (root < 0 || root >= size()) fail("broadcast: expected a root in [0, ", size(), "), but got ", root, ".");
  if (size() == 1 || tensor.numel() == 0) return;
  const at::Tensor values = plain(tensor);
  std::vector<at::Tensor> list{bytes_of(values)};
  c10d::BroadcastOptions options;
  options.rootRank = root;
  state_->run("broadcast", [&] { return state_->group->broadcast(list, options); });
  copy_back(values, tensor);
}

void ProcessGroup::all_reduce(const at::Tensor& tensor, ReduceOp op) const {
  check_reducible(tensor, op);
  if (size() == 1 || tensor.numel() == 0) return;
  const at::Tensor values = plain(tensor);
  std::vector<at::Tensor> list{values};
  c10d::AllreduceOptions options;
  options.reduceOp = torch_op(op);
  state_->run("all_reduce", [&] { return state_->group->allreduce(list, options); });
  if (op == ReduceOp::kMean) values.div_(size());
  copy_back(values, tensor);
}

std::vector<at::Tensor> ProcessGroup::all_gather(const at::Tensor& tensor) const {
  const at::Tensor values = plain(tensor);
  std::vector<at::Tensor> results;
  for (int64_t i = 0; i < size(); ++i) results.push_back(at::empty_like(values));
  if (size() == 1) results[0].copy_(values);
  if (size() == 1 || tensor.numel() == 0) return results;
  std::vector<at::Tensor> inputs{bytes_of(values)};
  std::vector<std::vector<at::Tensor>> outputs(1);
  for (const at::Tensor& result : results) outputs[0].push_back(bytes_of(result));
  state_->run("all_gather", [&] { return state_->group->allgather(outputs, inputs); });
  return results;
}

void ProcessGroup::barrier() const {
  if (size() == 1) return;
  state_->run("barrier", [&] { return state_->group->barrier(); });
}

int64_t ProcessGroup::add(const std::string& counter, int64_t amount, CounterScope scope) const {
  const auto& store = scope == CounterScope::kRun ? state_->run_store : state_->store;
  if (store) return store->add("counter/" + counter, amount);
  if (size() > 1) fail("add: a group that torch made has no counters; expected one of init_process_group.");
  const std::lock_guard lock(state_->mutex);
  return state_->counters[counter] += amount;
}

ProcessGroup init_process_group(const ProcessGroupOptions& options) {
  static std::atomic<int64_t> num_groups = 0;
  const LaunchEnvironment launch = read_launch_environment([](const char* name) { return std::getenv(name); });
  if (launch.size == 1) return {};
  if (options.timeout < Milliseconds(1)) fail("init_process_group: expected a timeout of 1 ms or more.");
  check_torch_version(TORCH_ABI_VERSION, aoti_torch_abi_version());
  const GlooDevices devices = open_devices(options.interface, launch);
  const BoundAddress bound = bound_address(*devices[0]);
  (options.log ? options.log : log_to_stderr)("rank " + std::to_string(launch.rank) + " of " +
                                              std::to_string(launch.size) + " is bound to " + bound.interface + " (" +
                                              bound.address + ")");
  const GroupStore all = GroupStore::open(launch, options.timeout);
  const auto state = std::make_shared<ProcessGroup::State>();
  state->rank = launch.rank;
  state->size = launch.size;
  state->hosts_store = launch.hosts_store();
  state->timeout = options.timeout;
  state->run_store = all.with_prefix("bisque");
  // Neither an earlier attempt, also with other ranks, nor another group of the program may be mistaken for this one.
  state->store = all.with_prefix("bisque/" + std::to_string(launch.restart_count) + "/" + std::to_string(launch.size) +
                                 "/" + std::to_string(num_groups++));
  meet(*state->store, launch, bound, options.timeout);
  state->connect(devices);
  return ProcessGroup(state);
}

}  // namespace bisque
