// The checks and allocations that the CPU, Meta and CUDA implementations of knn_points share.
#pragma once
#include <limits>
#include <optional>

#include <bisque/core/ops/glue.h>
#include <bisque/ops3d/knn_points/knn_points_params.h>

namespace bisque {

/// The clouds, which forward and backward take and check alike; made contiguous.
struct KnnClouds {
  op::Tensor p1, p2;
  std::optional<op::Tensor> lengths1, lengths2;

  const int64_t* data1() const { return lengths1 ? op::data<int64_t>(*lengths1) : nullptr; }
  const int64_t* data2() const { return lengths2 ? op::data<int64_t>(*lengths2) : nullptr; }
};

inline KnnClouds prepare_knn_clouds(const char* op, const op::Tensor& p1, const op::Tensor& p2,
                                    const std::optional<op::Tensor>& lengths1,
                                    const std::optional<op::Tensor>& lengths2, int64_t norm) {
  op::check(op, "p1", p1).shape({op::kAny, op::kAny, op::kAny}, "[N, P1, D]").floating();
  op::check(op, "p2", p2).shape({p1.size(0), op::kAny, p1.size(2)}, "[N, P2, D]").like("p1", p1);
  if (p1.size(2) < 1) op::refuse(op, "p1", "have at least one coordinate a point", "D = 0");
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (p2.size(1) > kMost) {
    op::refuse(op, "p2", "have at most " + std::to_string(kMost) + " points a cloud", std::to_string(p2.size(1)));
  }
  const auto contiguous_lengths = [&](const char* name, const std::optional<op::Tensor>& lengths) {
    if (!lengths) return lengths;
    op::check(op, name, *lengths).shape({p1.size(0)}, "[N]").dtype(op::ScalarType::Long).on_device_of("p1", p1);
    return std::optional<op::Tensor>(op::contiguous(*lengths));
  };
  if (norm != 1 && norm != 2) op::refuse(op, "norm", "be 1 or 2", std::to_string(norm));
  return {op::contiguous(p1), op::contiguous(p2), contiguous_lengths("lengths1", lengths1),
          contiguous_lengths("lengths2", lengths2)};
}

/// Refuses lengths outside of their cloud; for tensors on the CPU, whose values can be read.
inline void check_knn_lengths(const char* op, const KnnClouds& clouds) {
  const auto check = [&](const char* name, const int64_t* lengths, int64_t size) {
    for (int64_t n = 0; lengths && n < clouds.p1.size(0); ++n) {
      if (lengths[n] < 0 || lengths[n] > size) {
        op::refuse(op, name, "lie in [0, " + std::to_string(size) + "]",
                   std::to_string(lengths[n]) + " at " + std::to_string(n));
      }
    }
  };
  check("lengths1", clouds.data1(), clouds.p1.size(1));
  check("lengths2", clouds.data2(), clouds.p2.size(1));
}

struct KnnPointsCall {
  KnnClouds clouds;
  op::Tensor dists, idx;
  bool l1;

  template <class T>
  KnnPointsParams<T> params() const {
    return {op::data<T>(clouds.p1),
            op::data<T>(clouds.p2),
            clouds.data1(),
            clouds.data2(),
            op::mutable_data<T>(dists),
            op::mutable_data<int64_t>(idx),
            clouds.p1.size(0),
            clouds.p1.size(1),
            clouds.p2.size(1),
            clouds.p1.size(2),
            dists.size(2),
            l1};
  }
};

inline KnnPointsCall prepare_knn_points(const op::Tensor& p1, const op::Tensor& p2,
                                        const std::optional<op::Tensor>& lengths1,
                                        const std::optional<op::Tensor>& lengths2, int64_t k, int64_t norm) {
  const char* op = "knn_points";
  KnnClouds clouds = prepare_knn_clouds(op, p1, p2, lengths1, lengths2, norm);
  if (k < 1) op::refuse(op, "K", "be at least 1", std::to_string(k));
  return {clouds, op::new_empty(p1, {p1.size(0), p1.size(1), k}),
          op::new_empty(p1, {p1.size(0), p1.size(1), k}, op::ScalarType::Long), norm == 1};
}

}  // namespace bisque
