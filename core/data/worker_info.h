// Information about the current DataLoader worker.
#pragma once
#include <ATen/core/Generator.h>

#include <cstdint>

namespace bisque::data {

enum class WorkerKind { kThread, kProcess };

struct WorkerInfo {
  int id = 0;  // in [0, num_workers)
  int num_workers = 0;
  int64_t seed = 0;         // the loader's base seed + id
  at::Generator generator;  // the worker's generator, seeded with `seed`
  WorkerKind kind = WorkerKind::kThread;
};

/// The calling worker, null outside of workers. An iterable dataset selects its shard with it. Draw random numbers that
/// must be reproducible from its generator. (The default generator of a process worker has the same seed.)
const WorkerInfo* get_worker_info();

/// Makes the calling thread a worker during its lifetime.
class WorkerInfoScope {
 public:
  explicit WorkerInfoScope(const WorkerInfo& info);
  WorkerInfoScope(const WorkerInfoScope&) = delete;
  WorkerInfoScope& operator=(const WorkerInfoScope&) = delete;
  ~WorkerInfoScope();
};

}  // namespace bisque::data
