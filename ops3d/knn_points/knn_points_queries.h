// The search of the CPU kernel, on the best SIMD target of the machine.
#pragma once
#include <vector>

#include <bisque/ops3d/knn_points/knn_points_cloud.h>
#include <bisque/ops3d/knn_points/knn_points_kernels.h>

namespace bisque::knn {

/// Queries [begin, end) of all clouds, counted without padding; first_query says at which those of a cloud begin.
void search_queries(const KnnPoints<float>& params, const std::vector<Cloud<float>>& clouds,
                    const std::vector<int64_t>& first_query, int64_t begin, int64_t end);
void search_queries(const KnnPoints<double>& params, const std::vector<Cloud<double>>& clouds,
                    const std::vector<int64_t>& first_query, int64_t begin, int64_t end);

}  // namespace bisque::knn
