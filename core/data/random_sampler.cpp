#include <bisque/core/data/random_sampler.h>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/multinomial.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/tensor.h>

#include <cmath>

#include <bisque/core/data/random.h>
#include <bisque/core/error.h>

namespace bisque::data {
namespace {

constexpr int64_t kDrawnAtOnce = 32;  // like Python, otherwise the orders would differ

void check_num_samples(const char* sampler, int64_t num_samples) {
  if (num_samples < 1) fail(sampler, ": expected num_samples to be 1 or more, but got ", num_samples, ".");
}

std::vector<int64_t> list_of(const at::Tensor& indices) {
  const auto* first = indices.const_data_ptr<int64_t>();
  return {first, first + indices.numel()};
}

}  // namespace

void DrawnSampler::begin(at::Generator generator) {
  const Dict loaded = std::exchange(loaded_, {});
  if (const Value* state = loaded.find("generator")) {
    const std::scoped_lock lock(generator.mutex());
    generator.set_state(state->as<at::Tensor>());
  }
  {
    const std::scoped_lock lock(generator.mutex());
    start_ = {{"generator", generator.get_state()}};
  }
  drawing_ = std::move(generator);
  drawn_.clear();
  at_ = 0;
}

std::optional<int64_t> DrawnSampler::next() {
  if (at_ == drawn_.size()) {
    drawn_ = draw(drawing_);
    at_ = 0;
    if (drawn_.empty()) return std::nullopt;
  }
  return drawn_[at_++];
}

RandomSampler::RandomSampler(int64_t dataset_size, const RandomSamplerOptions& options)
    : DrawnSampler(options.generator),
      dataset_size_(dataset_size),
      num_samples_(options.num_samples.value_or(dataset_size)),
      replacement_(options.replacement) {
  check_num_samples("RandomSampler", num_samples_);
  if (dataset_size < 1) fail("RandomSampler: expected a dataset of 1 sample or more, but got ", dataset_size, ".");
}

void RandomSampler::start() {
  // Our own generator starts from a seed, which the loaded state overrides: no seed is drawn then.
  const bool draws_seed = !given() && !has_loaded();
  begin(given() ? *given() : make_generator(draws_seed ? draw_seed(std::nullopt) : 0));
  left_ = num_samples_;
}

std::vector<int64_t> RandomSampler::draw(const at::Generator& generator) {
  if (left_ < 0) return {};
  std::vector<int64_t> indices;
  int64_t count = 0;
  if (replacement_) {
    count = std::min(left_, kDrawnAtOnce);
    indices = list_of(at::randint(dataset_size_, {count}, generator, at::TensorOptions(at::kLong)));
  } else {
    // The last permutation is drawn even if none of it is left, as in Python: the generator advances.
    count = std::min(left_, dataset_size_);
    indices = random_permutation(dataset_size_, generator);
    indices.resize(static_cast<size_t>(count));
  }
  const bool was_last = replacement_ ? count < kDrawnAtOnce : count < dataset_size_;
  left_ = was_last ? -1 : left_ - count;
  return indices;
}

SubsetRandomSampler::SubsetRandomSampler(std::vector<int64_t> indices, std::optional<at::Generator> generator)
    : DrawnSampler(std::move(generator)), indices_(std::move(indices)) {}

void SubsetRandomSampler::start() {
  begin(given() ? *given() : at::detail::getDefaultCPUGenerator());
  is_drawn_ = false;
}

std::vector<int64_t> SubsetRandomSampler::draw(const at::Generator& generator) {
  if (std::exchange(is_drawn_, true)) return {};
  std::vector<int64_t> order = random_permutation(static_cast<int64_t>(indices_.size()), generator);
  for (int64_t& index : order) index = indices_[static_cast<size_t>(index)];
  return order;
}

WeightedRandomSampler::WeightedRandomSampler(std::vector<double> weights, int64_t num_samples, bool replacement,
                                             std::optional<at::Generator> generator)
    : DrawnSampler(std::move(generator)),
      weights_(at::tensor(weights, at::TensorOptions(at::kDouble))),
      num_samples_(num_samples),
      replacement_(replacement) {
  check_num_samples("WeightedRandomSampler", num_samples);
  for (size_t i = 0; i < weights.size(); ++i) {
    if (!(weights[i] >= 0) || std::isinf(weights[i])) {
      fail("WeightedRandomSampler: expected weights that are finite and not negative, but weight ", i, " is ",
           weights[i], ".");
    }
  }
  if (!replacement && num_samples > weights_.numel()) {
    fail("WeightedRandomSampler: expected num_samples of at most ", weights_.numel(), " without replacement, but got ",
         num_samples, ".");
  }
}

void WeightedRandomSampler::start() {
  begin(given() ? *given() : at::detail::getDefaultCPUGenerator());
  is_drawn_ = false;
}

std::vector<int64_t> WeightedRandomSampler::draw(const at::Generator& generator) {
  if (std::exchange(is_drawn_, true)) return {};
  return list_of(at::multinomial(weights_, num_samples_, replacement_, generator));
}

}  // namespace bisque::data
