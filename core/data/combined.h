// Datasets made from datasets: subsets, chains, stacks and mapped ones.
#pragma once
#include <algorithm>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <bisque/core/data/dataset.h>

namespace bisque::data {

/// Concatenates map-style datasets. Error: none is given.
template <MapDataset D>
class ConcatDataset {
 public:
  explicit ConcatDataset(std::vector<D> datasets) : datasets_(std::move(datasets)) {
    if (datasets_.empty()) fail("ConcatDataset: expected one dataset or more, but got none.");
    for (const D& dataset : datasets_) ends_.push_back(size() + static_cast<int64_t>(dataset.size()));
  }
  ConcatDataset(std::initializer_list<D> datasets) : ConcatDataset(std::vector<D>(datasets)) {}

  int64_t size() const { return ends_.empty() ? 0 : ends_.back(); }
  const std::vector<D>& datasets() const { return datasets_; }
  /// The number of samples up to the end of each dataset.
  const std::vector<int64_t>& cumulative_sizes() const { return ends_; }

  SampleOf<D> operator[](int64_t index) const {
    check_index("ConcatDataset", index, size());
    const auto at = static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), index) - ends_.begin());
    return datasets_[at][at == 0 ? index : index - ends_[at - 1]];
  }

 private:
  std::vector<D> datasets_;
  std::vector<int64_t> ends_;
};

/// Concatenates iterable datasets.
template <IterableDataset D>
class ChainDataset {
 public:
  explicit ChainDataset(std::vector<D> datasets)
      : datasets_(std::make_shared<const std::vector<D>>(std::move(datasets))) {}
  ChainDataset(std::initializer_list<D> datasets) : ChainDataset(std::vector<D>(datasets)) {}

  auto iter() const { return Stream{datasets_}; }

 private:
  struct Stream {
    std::shared_ptr<const std::vector<D>> datasets;
    size_t next = 0;  // the dataset to open after `inner`
    std::shared_ptr<decltype(std::declval<const D&>().iter())> inner = nullptr;

    std::optional<SampleOf<D>> operator()() {
      for (; open(); inner.reset()) {
        if (auto sample = (*inner)()) return sample;
      }
      return std::nullopt;
    }
    int64_t skip(int64_t count) {
      int64_t passed = 0;
      while (passed < count) {
        try {
          if (!open()) break;
        } catch (...) {
          ++passed;
          continue;
        }
        passed += skip_records(*inner, count - passed);
        if (passed < count) inner.reset();
      }
      return passed;
    }
    /// False at the end. A dataset whose iter() throws counts as one record.
    bool open() {
      if (inner) return true;
      if (next == datasets->size()) return false;
      const D& dataset = (*datasets)[next++];
      inner = std::make_shared<decltype(dataset.iter())>(dataset.iter());
      return true;
    }
  };

  std::shared_ptr<const std::vector<D>> datasets_;
};

/// The samples of a dataset at these indices. Subsets of one dataset share it. Error: an index out of range.
template <MapDataset D>
class Subset {
 public:
  Subset(std::shared_ptr<const D> dataset, std::vector<int64_t> indices)
      : dataset_(std::move(dataset)), indices_(std::move(indices)) {
    const auto size = static_cast<int64_t>(dataset_->size());
    for (const int64_t index : indices_) check_index("Subset", index, size);
  }
  Subset(D dataset, std::vector<int64_t> indices)
      : Subset(std::make_shared<const D>(std::move(dataset)), std::move(indices)) {}

  int64_t size() const { return static_cast<int64_t>(indices_.size()); }
  const D& dataset() const { return *dataset_; }
  const std::vector<int64_t>& indices() const { return indices_; }

  SampleOf<D> operator[](int64_t index) const { return (*dataset_)[at(index)]; }
  auto get_items(std::span<const int64_t> indices) const requires requires(const D& dataset) {
    dataset.get_items(indices);
  }
  { return dataset_->get_items(std::span<const int64_t>(all_at(indices))); }
  auto batch(std::span<const int64_t> indices) const requires requires(const D& dataset) { dataset.batch(indices); }
  { return dataset_->batch(std::span<const int64_t>(all_at(indices))); }

 private:
  int64_t at(int64_t index) const {
    check_index("Subset", index, size());
    return indices_[static_cast<size_t>(index)];
  }
  std::vector<int64_t> all_at(std::span<const int64_t> indices) const {
    std::vector<int64_t> all;
    all.reserve(indices.size());
    for (const int64_t index : indices) all.push_back(at(index));
    return all;
  }

  std::shared_ptr<const D> dataset_;
  std::vector<int64_t> indices_;
};

/// A sample of each dataset at the same index, as a tuple. Error: they differ in size.
template <MapDataset... Ds>
class StackDataset {
 public:
  explicit StackDataset(Ds... datasets) : datasets_(std::move(datasets)...) {
    const auto sizes = std::apply(
        [](const Ds&... each) { return std::vector<int64_t>{static_cast<int64_t>(each.size())...}; }, datasets_);
    check_sizes(sizes);
    size_ = sizes.front();
  }
  int64_t size() const { return size_; }
  std::tuple<SampleOf<Ds>...> operator[](int64_t index) const {
    check_index("StackDataset", index, size_);
    return std::apply([&](const Ds&... each) { return std::tuple<SampleOf<Ds>...>(each[index]...); }, datasets_);
  }

 private:
  static_assert(sizeof...(Ds) > 0, "StackDataset: expected one dataset or more");
  static void check_sizes(const std::vector<int64_t>& sizes) {
    for (size_t i = 1; i < sizes.size(); ++i) {
      if (sizes[i] != sizes[0]) {
        fail("StackDataset: expected datasets of one size, but dataset ", i, " has ", sizes[i],
             " samples and dataset 0 ", sizes[0], ".");
      }
    }
  }

  std::tuple<Ds...> datasets_;
  int64_t size_ = 0;
};

/// Applies a function to each sample. The function is const, and threads of a DataLoader call it concurrently.
template <Dataset D, class Function>
class MappedDataset {
 public:
  MappedDataset(D dataset, Function function)
      : dataset_(std::move(dataset)), function_(std::make_shared<const Function>(std::move(function))) {}

  int64_t size() const requires MapDataset<D> { return static_cast<int64_t>(dataset_.size()); }
  auto operator[](int64_t index) const requires MapDataset<D> { return std::invoke(*function_, dataset_[index]); }
  auto iter() const requires IterableDataset<D> {
    return Stream<decltype(dataset_.iter())>{dataset_.iter(), function_};
  }

 private:
  template <class Inner>
  struct Stream {
    Inner inner;
    std::shared_ptr<const Function> function;

    std::optional<std::remove_cvref_t<std::invoke_result_t<const Function&, SampleOf<D>>>> operator()() {
      auto sample = inner();
      if (!sample) return std::nullopt;
      return std::invoke(*function, std::move(*sample));
    }
    /// The function is not called for skipped records.
    int64_t skip(int64_t count) { return skip_records(inner, count); }
  };

  D dataset_;
  std::shared_ptr<const Function> function_;
};

}  // namespace bisque::data
