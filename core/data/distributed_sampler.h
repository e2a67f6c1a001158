// A shard of a dataset for each process: the same order as Python's for the same seed.
#pragma once
#include <bisque/core/data/sampler.h>
#include <bisque/core/distributed/process_group.h>

namespace bisque::data {

struct DistributedSamplerOptions {
  int64_t num_replicas = 1;
  int64_t rank = 0;
  bool shuffle = true;
  int64_t seed = 0;        // the same for all ranks
  bool drop_last = false;  // drops a remainder; otherwise the first samples are repeated
};

/// The shard of a dataset that belongs to one of several processes. Call set_epoch before each epoch, otherwise all
/// epochs have the same order. With a group, num_replicas and rank are the group's. Error: a rank that is not in [0,
/// num_replicas).
class DistributedSampler : public Sampler<> {
 public:
  explicit DistributedSampler(int64_t dataset_size, const DistributedSamplerOptions& options);
  DistributedSampler(int64_t dataset_size, DistributedSamplerOptions options, const ProcessGroup& group);
  void set_epoch(int64_t epoch) { epoch_ = epoch; }
  void start() override;
  std::optional<int64_t> next() override;
  std::optional<int64_t> size() const override { return num_samples_; }
  Dict state_dict() const override { return {{"epoch", started_}}; }
  void load_state_dict(const Dict& state) override;

 private:
  int64_t dataset_size_, num_samples_, epoch_ = 0, started_ = 0;
  DistributedSamplerOptions options_;
  std::vector<int64_t> order_;  // of all ranks
  int64_t at_ = 0;
};

}  // namespace bisque::data
