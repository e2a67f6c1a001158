// The search of the CPU kernel, on the best SIMD target of the machine.
#pragma once
#include <cstdint>

#include <bisque/ops3d/knn_points/knn_points_cloud.h>
#include <bisque/ops3d/knn_points/knn_points_kernels.h>

namespace bisque::knn {

/// Queries [begin, end) of cloud n.
void search_queries(const KnnPoints<float>& params, const Cloud<float>& cloud, int64_t n, int64_t begin, int64_t end);
void search_queries(const KnnPoints<double>& params, const Cloud<double>& cloud, int64_t n, int64_t begin, int64_t end);

}  // namespace bisque::knn
