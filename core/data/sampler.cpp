#include <bisque/core/data/sampler.h>

#include <bisque/core/error.h>

namespace bisque::data {

std::optional<int64_t> SequentialSampler::next() {
  if (at_ >= size_) return std::nullopt;
  return at_++;
}

BatchSampler::BatchSampler(std::shared_ptr<Sampler<>> sampler, int64_t batch_size, bool drop_last)
    : sampler_(std::move(sampler)), batch_size_(batch_size), drop_last_(drop_last) {
  if (!sampler_) fail("BatchSampler: expected a sampler, but got none.");
  if (batch_size < 1) fail("BatchSampler: expected batch_size to be 1 or more, but got ", batch_size, ".");
}

std::optional<IndexBatch> BatchSampler::next() {
  IndexBatch batch;
  while (static_cast<int64_t>(batch.size()) < batch_size_) {
    const auto index = sampler_->next();
    if (!index) break;
    batch.push_back(*index);
  }
  if (batch.empty() || (drop_last_ && static_cast<int64_t>(batch.size()) < batch_size_)) return std::nullopt;
  return batch;
}

std::optional<int64_t> BatchSampler::size() const {
  const auto indices = sampler_->size();
  if (!indices) return std::nullopt;
  return drop_last_ ? *indices / batch_size_ : (*indices + batch_size_ - 1) / batch_size_;
}

}  // namespace bisque::data
