// Samplers: the order in which samples are loaded. Names and orders are those of torch.utils.data.
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <bisque/core/value.h>

namespace bisque::data {

using IndexBatch = std::vector<int64_t>;

/// Gives the indices of an epoch one by one: Sampler<> those of samples, Sampler<IndexBatch> those of batches. Derive
/// from it for a custom order. A sampler is in one epoch at a time, and one thread at a time uses it.
template <class Index = int64_t>
class Sampler {
 public:
  virtual ~Sampler() = default;

  /// Begins an epoch.
  virtual void start() = 0;
  /// The next index of the epoch, nullopt at its end.
  virtual std::optional<Index> next() = 0;
  /// The number of indices of an epoch, if it is known.
  virtual std::optional<int64_t> size() const { return std::nullopt; }

  /// The source of the last start()'s order; after load_state_dict, the next start() gives the same order again. A
  /// sampler with a fixed order does not need it.
  virtual Dict state_dict() const { return {}; }
  virtual void load_state_dict(const Dict&) {}

  /// The indices of a whole epoch.
  std::vector<Index> epoch() {
    std::vector<Index> all;
    start();
    while (auto index = next()) all.push_back(std::move(*index));
    return all;
  }
};

/// The same indices in each epoch.
template <class Index = int64_t>
class ListSampler : public Sampler<Index> {
 public:
  explicit ListSampler(std::vector<Index> indices) : indices_(std::move(indices)) {}
  void start() override { at_ = 0; }
  std::optional<Index> next() override {
    if (at_ == indices_.size()) return std::nullopt;
    return indices_[at_++];
  }
  std::optional<int64_t> size() const override { return static_cast<int64_t>(indices_.size()); }

 private:
  std::vector<Index> indices_;
  size_t at_ = 0;
};

/// 0, 1, ... size - 1.
class SequentialSampler : public Sampler<> {
 public:
  explicit SequentialSampler(int64_t size) : size_(size) {}
  void start() override { at_ = 0; }
  std::optional<int64_t> next() override;
  std::optional<int64_t> size() const override { return size_; }

 private:
  int64_t size_, at_ = 0;
};

/// Batches of a sampler's indices; the last one may be smaller, or is dropped. Error: batch_size < 1.
class BatchSampler : public Sampler<IndexBatch> {
 public:
  BatchSampler(std::shared_ptr<Sampler<>> sampler, int64_t batch_size, bool drop_last);
  void start() override { sampler_->start(); }
  std::optional<IndexBatch> next() override;
  std::optional<int64_t> size() const override;
  Dict state_dict() const override { return sampler_->state_dict(); }
  void load_state_dict(const Dict& state) override { sampler_->load_state_dict(state); }

 private:
  std::shared_ptr<Sampler<>> sampler_;
  int64_t batch_size_;
  bool drop_last_;
};

}  // namespace bisque::data
