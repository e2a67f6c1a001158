// What code that runs in a worker of a DataLoader can know of it.
#pragma once
#include <ATen/core/Generator.h>

#include <cstdint>

namespace bisque::data {

enum class WorkerKind { kThread, kProcess };

struct WorkerInfo {
  int id = 0;  // in [0, num_workers)
  int num_workers = 0;
  int64_t seed = 0;         // the loader's base seed + id
  at::Generator generator;  // this worker's own, which started from `seed`
  WorkerKind kind = WorkerKind::kThread;
};

/// The worker that calls, null outside of one. An iterable dataset finds its part by it; random numbers that are to be
/// the same in each run are drawn from its generator. (A process worker's default generator has that seed, too.)
const WorkerInfo* get_worker_info();

/// Makes the calling thread a worker while it lives.
class WorkerInfoScope {
 public:
  explicit WorkerInfoScope(const WorkerInfo& info);
  WorkerInfoScope(const WorkerInfoScope&) = delete;
  WorkerInfoScope& operator=(const WorkerInfoScope&) = delete;
  ~WorkerInfoScope();
};

}  // namespace bisque::data
