#include <bisque/core/data/bucket_batch_sampler.h>

#include <algorithm>
#include <numeric>

#include <bisque/core/data/random.h>
#include <bisque/core/error.h>

namespace bisque::data {

BucketBatchSampler::BucketBatchSampler(std::vector<int64_t> lengths, const BucketBatchSamplerOptions& options)
    : lengths_(std::move(lengths)), options_(options) {
  if (options.batch_size < 1) {
    fail("BucketBatchSampler: expected batch_size to be 1 or more, but got ", options.batch_size, ".");
  }
  if (options.bucket_batches < 1) {
    fail("BucketBatchSampler: expected bucket_batches to be 1 or more, but got ", options.bucket_batches, ".");
  }
}

void BucketBatchSampler::start() {
  batches_.clear();
  at_ = 0;
  if (options_.shuffle) seed_ = loaded_ ? *loaded_ : draw_seed(options_.generator);
  loaded_.reset();
  const at::Generator generator = make_generator(seed_);
  const auto count = static_cast<int64_t>(lengths_.size());
  std::vector<int64_t> order(lengths_.size());
  std::iota(order.begin(), order.end(), 0);
  if (options_.shuffle) order = random_permutation(count, generator);
  const int64_t bucket = std::min(options_.bucket_batches, count / options_.batch_size + 1) * options_.batch_size;
  for (int64_t first = 0; first < count; first += bucket) {
    std::vector<int64_t> indices(order.begin() + first, order.begin() + std::min(first + bucket, count));
    cut(indices, generator);
  }
}

void BucketBatchSampler::cut(std::vector<int64_t>& bucket, const at::Generator& generator) {
  const auto length = [&](int64_t index) { return lengths_[static_cast<size_t>(index)]; };
  std::stable_sort(bucket.begin(), bucket.end(), [&](int64_t a, int64_t b) { return length(a) < length(b); });
  const auto size = static_cast<int64_t>(bucket.size()), step = options_.batch_size;
  std::vector<IndexBatch> batches;
  for (int64_t first = 0; first < size; first += step) {
    if (options_.drop_last && first + step > size) break;
    batches.emplace_back(bucket.begin() + first, bucket.begin() + std::min(first + step, size));
  }
  if (!options_.shuffle) {
    batches_.insert(batches_.end(), batches.begin(), batches.end());
    return;
  }
  for (const int64_t i : random_permutation(static_cast<int64_t>(batches.size()), generator)) {
    batches_.push_back(std::move(batches[static_cast<size_t>(i)]));
  }
}

std::optional<IndexBatch> BucketBatchSampler::next() {
  if (at_ == batches_.size()) return std::nullopt;
  return batches_[at_++];
}

std::optional<int64_t> BucketBatchSampler::size() const {
  const auto count = static_cast<int64_t>(lengths_.size());
  // Buckets are whole batches, except the last one.
  return options_.drop_last ? count / options_.batch_size : (count + options_.batch_size - 1) / options_.batch_size;
}

void BucketBatchSampler::load_state_dict(const Dict& state) { loaded_ = state.at("seed").as<int64_t>(); }

}  // namespace bisque::data
