#include <bisque/core/data/distributed_sampler.h>

#include <numeric>

#include <bisque/core/data/random.h>
#include <bisque/core/error.h>

namespace bisque::data {
namespace {

DistributedSamplerOptions with_group(DistributedSamplerOptions options, const ProcessGroup& group) {
  options.num_replicas = group.size();
  options.rank = group.rank();
  return options;
}

}  // namespace

DistributedSampler::DistributedSampler(int64_t dataset_size, const DistributedSamplerOptions& options)
    : dataset_size_(dataset_size), options_(options) {
  const int64_t replicas = options.num_replicas;
  if (replicas < 1) fail("DistributedSampler: expected num_replicas to be 1 or more, but got ", replicas, ".");
  if (options.rank < 0 || options.rank >= replicas) {
    fail("DistributedSampler: expected a rank in [0, ", replicas, "), but got ", options.rank, ".");
  }
  if (dataset_size < 0) fail("DistributedSampler: expected a size of 0 or more, but got ", dataset_size, ".");
  num_samples_ = options.drop_last ? dataset_size / replicas : (dataset_size + replicas - 1) / replicas;
}

DistributedSampler::DistributedSampler(int64_t dataset_size, DistributedSamplerOptions options,
                                       const ProcessGroup& group)
    : DistributedSampler(dataset_size, with_group(options, group)) {}

void DistributedSampler::start() {
  started_ = epoch_;
  if (options_.shuffle) {
    order_ = random_permutation(dataset_size_, make_generator(options_.seed + epoch_));
  } else {
    order_.resize(static_cast<size_t>(dataset_size_));
    std::iota(order_.begin(), order_.end(), 0);
  }
  at_ = 0;
}

std::optional<int64_t> DistributedSampler::next() {
  if (at_ == num_samples_) return std::nullopt;
  const int64_t place = options_.rank + at_++ * options_.num_replicas;
  return order_[static_cast<size_t>(place % dataset_size_)];  // padding wraps around
}

void DistributedSampler::load_state_dict(const Dict& state) { epoch_ = state.at("epoch").as<int64_t>(); }

}  // namespace bisque::data
