// Samplers with random order: the same as Python's for the same seed.
#pragma once
#include <bisque/core/data/sampler.h>

namespace bisque::data {

/// Base of random samplers: the generator, and how an epoch is reproduced.
class DrawnSampler : public Sampler<> {
 public:
  std::optional<int64_t> next() override;
  Dict state_dict() const override { return start_; }
  void load_state_dict(const Dict& state) override { loaded_ = state; }

 protected:
  explicit DrawnSampler(std::optional<at::Generator> generator) : generator_(std::move(generator)) {}

  /// Records, or restores, the state of the generator for this epoch.
  void begin(at::Generator generator);
  /// The next indices of the epoch, empty at its end.
  virtual std::vector<int64_t> draw(const at::Generator& generator) = 0;
  const std::optional<at::Generator>& given() const { return generator_; }
  bool has_loaded() const { return !loaded_.empty(); }

 private:
  Dict start_;
  std::optional<at::Generator> generator_;
  at::Generator drawing_;
  Dict loaded_;
  std::vector<int64_t> drawn_;
  size_t at_ = 0;
};

struct RandomSamplerOptions {
  bool replacement = false;
  std::optional<int64_t> num_samples = std::nullopt;      // per epoch; default: the size of the dataset
  std::optional<at::Generator> generator = std::nullopt;  // default: each epoch draws a seed from the default generator
};

/// All samples in random order, or random samples with replacement. Error: num_samples < 1.
class RandomSampler : public DrawnSampler {
 public:
  explicit RandomSampler(int64_t dataset_size, const RandomSamplerOptions& options = {});
  void start() override;
  std::optional<int64_t> size() const override { return num_samples_; }

 private:
  std::vector<int64_t> draw(const at::Generator& generator) override;

  int64_t dataset_size_, num_samples_, left_ = 0;
  bool replacement_;
};

/// These indices in random order.
class SubsetRandomSampler : public DrawnSampler {
 public:
  explicit SubsetRandomSampler(std::vector<int64_t> indices, std::optional<at::Generator> generator = {});
  void start() override;
  std::optional<int64_t> size() const override { return static_cast<int64_t>(indices_.size()); }

 private:
  std::vector<int64_t> draw(const at::Generator& generator) override;

  std::vector<int64_t> indices_;
  bool is_drawn_ = false;
};

/// Indices drawn in proportion to their weights, which need not add up to one. Errors: num_samples < 1; more samples
/// than weights without replacement; a weight that is negative or not finite.
class WeightedRandomSampler : public DrawnSampler {
 public:
  WeightedRandomSampler(std::vector<double> weights, int64_t num_samples, bool replacement = true,
                        std::optional<at::Generator> generator = {});
  void start() override;
  std::optional<int64_t> size() const override { return num_samples_; }

 private:
  std::vector<int64_t> draw(const at::Generator& generator) override;

  at::Tensor weights_;
  int64_t num_samples_;
  bool replacement_, is_drawn_ = false;
};

}  // namespace bisque::data
