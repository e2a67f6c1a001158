// One rank of a test: distributed_probe CASE [FOLDER]. Tensors come and go in files of FOLDER, numbered by rank.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <thread>

#include <bisque/core/checkpoint/load.h>
#include <bisque/core/checkpoint/save.h>
#include <bisque/core/data/distributed_sampler.h>
#include <bisque/core/distributed/process_group.h>
#include <bisque/core/nn/distributed.h>
#include <bisque/core/nn/layers/linear.h>
#include <bisque/core/nn/layers/sync_batch_norm.h>

namespace bisque {
namespace {

using Tensors = std::map<std::string, at::Tensor>;

ProcessGroup join() {
  const char* seconds = std::getenv("PROBE_TIMEOUT");
  const char* interface = std::getenv("PROBE_INTERFACE");
  ProcessGroupOptions options;
  if (seconds) options.timeout = std::chrono::milliseconds(static_cast<int64_t>(1000 * std::atof(seconds)));
  if (interface) options.interface = interface;
  return init_process_group(options);
}

std::string file_of(const std::string& folder, const char* name, const ProcessGroup& group) {
  return folder + "/" + name + "_" + std::to_string(group.rank()) + ".pt";
}

void save_tensors(const Tensors& tensors, const std::string& path) {
  Dict dict;
  for (const auto& [name, tensor] : tensors) dict.set(name, Value(tensor));
  save(Value(dict), path);
}

/// Every call on every tensor of the input that it takes.
void collectives(const std::string& folder) {
  const ProcessGroup group = join();
  const std::map<std::string, ReduceOp> ops{{"sum", ReduceOp::kSum},
                                            {"mean", ReduceOp::kMean},
                                            {"product", ReduceOp::kProduct},
                                            {"min", ReduceOp::kMin},
                                            {"max", ReduceOp::kMax}};
  Tensors results;
  const Value input = load(file_of(folder, "in", group));
  for (const auto& [key, value] : input.as<Dict>()) {
    const auto& tensor = value.as<at::Tensor>();
    const std::string name = key;
    // A tensor with strides, and one that requires a gradient, are changed in place too.
    const auto copy = [&] {
      at::Tensor result = tensor.dim() > 1 ? tensor.t().contiguous().t() : tensor.clone();
      return result.is_floating_point() ? result.requires_grad_() : result;
    };
    const auto keep = [&](const std::string& call, const at::Tensor& result) {
      results[name + "/" + call] = result.detach().contiguous();
    };
    at::Tensor sent = copy();
    group.broadcast(sent, group.size() - 1);
    keep("broadcast", sent);
    keep("all_gather", at::stack(group.all_gather(copy())));
    if (name.ends_with("only_copied")) continue;
    for (const auto& [op_name, op] : ops) {
      if (op == ReduceOp::kMean && !tensor.is_floating_point()) continue;
      at::Tensor reduced = copy();
      group.all_reduce(reduced, op);
      keep(op_name, reduced);
    }
  }
  group.barrier();
  save_tensors(results, file_of(folder, "out", group));
}

struct Net : ModuleOf<Net> {
  explicit Net(const ProcessGroup& group)
      : first(*this, "first", 3, 4), norm(*this, "norm", 4, BatchNormOptions{}, group), last(*this, "last", 4, 2) {}
  at::Tensor forward(const at::Tensor& x) const { return last(norm(first(x))); }
  Child<Linear> first;
  Child<SyncBatchNorm> norm;
  Child<Linear> last;
};

/// Three steps of gradient descent on this rank's part of each batch; a program without a group gets whole batches.
void train(const std::string& folder) {
  const ProcessGroup group = join();
  at::manual_seed(static_cast<uint64_t>(10 + group.rank()));  // other weights on each rank, until they are broadcast
  Net net(group);
  net.to(at::kDouble);
  if (group.size() == 1) {
    net.load_state_dict(StateDict(load(folder + "/start.pt")));
  } else {
    broadcast_state(net, group, 1);
    if (group.rank() == 0) save(Value(net.state_dict()), folder + "/start.pt");
  }
  const auto data = load(folder + "/data.pt").as<at::Tensor>();  // [steps, batch, 3]
  for (int64_t step = 0; step < data.size(0); ++step) {
    const int64_t share = data.size(1) / group.size();
    const at::Tensor x = data[step].narrow(0, group.rank() * share, share);
    net.zero_grad();
    net(x).pow(3).mean().backward();
    average_gradients(net, group);
    const at::NoGradGuard no_gradients;
    for (at::Tensor& parameter : net.parameters()) parameter.sub_(parameter.grad(), 0.1);
  }
  const auto all = all_gather_state(net, group);
  for (const auto& [name, value] : all[0]) {
    for (const StateDict& other : all) {
      if (!other.tensor(name).equal(value.as<at::Tensor>())) throw std::runtime_error("ranks differ in " + name);
    }
  }
  save(Value(net.state_dict()), file_of(folder, group.size() == 1 ? "whole" : "part", group));
}

struct Pair : ModuleOf<Pair> {
  explicit Pair(double value)
      : used(*this, "used", at::full({2}, value)),
        unused(*this, "unused", at::full({2}, value)),
        steps(*this, "steps", at::full({}, static_cast<int64_t>(value), at::kLong)) {}
  at::Tensor forward(const at::Tensor& x) const { return used * x; }
  Parameter used, unused;
  Buffer steps;
};

void module_state(const std::string& folder) {
  const ProcessGroup group = join();
  const auto rank = static_cast<double>(group.rank());
  Pair pair(rank);
  average_state(pair, group);
  Tensors results{{"used", pair.used.detach().clone()}, {"steps", pair.steps.clone()}};
  // Only the last rank has a gradient.
  if (group.rank() == group.size() - 1) pair(at::ones({2})).sum().backward();
  average_gradients(pair, group);
  results["gradient"] = pair.used.grad();
  results["has_unused"] = at::full({}, pair.unused.grad().defined());
  results["of_first"] = all_gather_state(pair, group)[0].tensor("steps");
  save_tensors(results, file_of(folder, "out", group));
}

void other_module(const std::string&) {
  const ProcessGroup group = join();
  const Linear module(3, group.rank() == 1 ? 5 : 4);
  broadcast_state(module, group);
}

void sampler(const std::string& folder) {
  const ProcessGroup group = join();
  data::DistributedSampler shard(11, {.shuffle = true, .seed = 3}, group);
  save(Value(at::tensor(shard.epoch())), file_of(folder, "out", group));
}

void counter(const std::string& folder) {
  const ProcessGroup group = join();
  std::vector<int64_t> claimed;
  for (int64_t i; (i = group.add("work") - 1) < 200;) claimed.push_back(i);
  group.barrier();
  if (group.add("work", 0) != 200 + group.size()) throw std::runtime_error("the counter lost something");
  save(Value(at::tensor(claimed)), file_of(folder, "out", group));
}

/// Sums until it is killed, or until another rank is missing.
void sums(const std::string& folder) {
  const ProcessGroup group = join();
  const at::Tensor values = at::ones({1000});
  for (int64_t i = 0;; ++i) {
    group.all_reduce(values);
    if (i == 5) std::ofstream(folder + "/ready_" + std::to_string(group.rank())) << ::getpid();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

/// The last rank joins, and then does something else.
void hangs(const std::string&) {
  const ProcessGroup group = join();
  if (group.rank() == group.size() - 1) std::this_thread::sleep_for(std::chrono::hours(1));
  group.barrier();
}

void one_sum(const std::string&) {
  const ProcessGroup group = join();
  const at::Tensor value = at::full({1}, static_cast<double>(group.rank() + 1));
  group.all_reduce(value);
  std::cout << "rank " << group.rank() << " of " << group.size() << ": " << value.item<double>() << std::endl;
}

/// Two attempts of one run: rank 1 fails in the first.
void restart(const std::string&) {
  const ProcessGroup group = join();
  const int64_t of_run = group.add("runs", 1, CounterScope::kRun);
  const int64_t of_attempt = group.add("attempts");
  group.barrier();
  const bool is_first = std::string(std::getenv("TORCHELASTIC_RESTART_COUNT")) == "0";
  if (is_first && group.rank() == 1) std::abort();
  if (is_first) group.barrier();
  std::cout << "rank " << group.rank() << ", run " << (of_run > group.size()) << ", attempt "
            << (of_attempt <= group.size()) << std::endl;
}

const std::map<std::string, void (*)(const std::string&)> kCases{{"collectives", collectives},
                                                                 {"train", train},
                                                                 {"module_state", module_state},
                                                                 {"other_module", other_module},
                                                                 {"sampler", sampler},
                                                                 {"counter", counter},
                                                                 {"sums", sums},
                                                                 {"hangs", hangs},
                                                                 {"one_sum", one_sum},
                                                                 {"restart", restart}};

}  // namespace
}  // namespace bisque

int main(int argc, char** argv) {
  try {
    bisque::kCases.at(argv[1])(argc > 2 ? argv[2] : "");
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "probe: " << error.what() << std::endl;
    return 1;
  }
}
