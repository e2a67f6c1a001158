// Batches of samples of similar length.
#pragma once
#include <bisque/core/data/sampler.h>

namespace bisque::data {

struct BucketBatchSamplerOptions {
  int64_t batch_size = 1;
  int64_t bucket_batches = 100;  // number of batches whose samples are sorted by length together
  bool shuffle = true;
  bool drop_last = false;
  std::optional<at::Generator> generator = std::nullopt;
};

/// Batches of samples of similar length, which need little padding. The samples are shuffled, each bucket is sorted by
/// length and split into batches, and the batches of each bucket are shuffled. Errors: batch_size < 1; bucket_batches <
/// 1.
class BucketBatchSampler : public Sampler<IndexBatch> {
 public:
  BucketBatchSampler(std::vector<int64_t> lengths, const BucketBatchSamplerOptions& options);
  void start() override;
  std::optional<IndexBatch> next() override;
  std::optional<int64_t> size() const override;
  Dict state_dict() const override { return {{"seed", seed_}}; }
  void load_state_dict(const Dict& state) override;

 private:
  void cut(std::vector<int64_t>& bucket, const at::Generator& generator);

  std::vector<int64_t> lengths_;
  BucketBatchSamplerOptions options_;
  std::vector<IndexBatch> batches_;
  size_t at_ = 0;
  int64_t seed_ = 0;
  std::optional<int64_t> loaded_;
};

}  // namespace bisque::data
