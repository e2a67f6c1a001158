// Datasets whose samples are rows of tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <array>
#include <concepts>
#include <span>
#include <tuple>
#include <utility>

#include <bisque/core/data/dataset.h>

namespace bisque::data {

/// The common number of rows. Errors: they differ; a tensor has no dimension.
int64_t count_rows(std::span<const at::Tensor> tensors);

/// tensor[index] for each index, in one block. Error: an index that is not in [0, rows).
at::Tensor gather_rows(const at::Tensor& tensor, std::span<const int64_t> indices);

/// TensorDataset(x, y)[i] is the tuple {x[i], y[i]}, which shares their memory. A DataLoader copies rows directly into
/// batches. Errors: see count_rows.
template <std::same_as<at::Tensor>... Tensors>
class TensorDataset {
 public:
  explicit TensorDataset(Tensors... tensors) : tensors_{std::move(tensors)...}, size_(count_rows(tensors_)) {}

  int64_t size() const { return size_; }
  const std::array<at::Tensor, sizeof...(Tensors)>& tensors() const { return tensors_; }

  std::tuple<Tensors...> operator[](int64_t index) const {
    check_index("TensorDataset", index, size_);
    return std::apply([&](const Tensors&... each) { return std::tuple<Tensors...>(each.select(0, index)...); },
                      tensors_);
  }
  std::tuple<Tensors...> batch(std::span<const int64_t> indices) const {
    return std::apply([&](const Tensors&... each) { return std::tuple<Tensors...>(gather_rows(each, indices)...); },
                      tensors_);
  }

 private:
  static_assert(sizeof...(Tensors) > 0, "TensorDataset: expected one tensor or more");
  std::array<at::Tensor, sizeof...(Tensors)> tensors_;
  int64_t size_;
};

}  // namespace bisque::data
