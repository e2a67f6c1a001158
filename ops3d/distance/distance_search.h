// The search of the CPU kernel, on the best SIMD target of the machine.
#pragma once
#include <bisque/ops3d/distance/distance_kernels.h>
#include <bisque/ops3d/distance/distance_tree.h>

namespace bisque::distance {

/// Queries [begin, end), all of one cloud, whose targets the tree holds; `first_target` is the index of its first one.
void search_queries(const Search<float>& search, const Tree<float>& tree, int64_t first_target, int64_t begin,
                    int64_t end);
void search_queries(const Search<double>& search, const Tree<double>& tree, int64_t first_target, int64_t begin,
                    int64_t end);

}  // namespace bisque::distance
