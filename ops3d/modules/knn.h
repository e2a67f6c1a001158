// KNN: the op knn_points as a Module.
#pragma once
#include <optional>
#include <utility>

#include <bisque/core/nn/module.h>
#include <bisque/ops3d/knn_points/knn_points.h>

namespace bisque {

/// forward(p1 [N, P1, D], p2 [N, P2, D], lengths1, lengths2) -> (dists, idx), each [N, P1, K]: see knn_points.
class KNN : public ModuleOf<KNN> {
 public:
  explicit KNN(const KnnPointsOptions& options = {}) : options_(options) {}

  std::pair<at::Tensor, at::Tensor> forward(const at::Tensor& p1, const at::Tensor& p2,
                                            const std::optional<at::Tensor>& lengths1 = std::nullopt,
                                            const std::optional<at::Tensor>& lengths2 = std::nullopt) const {
    auto [dists, idx] = knn_points(p1, p2, lengths1, lengths2, options_);
    return {std::move(dists), std::move(idx)};
  }
  const KnnPointsOptions& options() const { return options_; }

 private:
  KnnPointsOptions options_;
};

}  // namespace bisque
