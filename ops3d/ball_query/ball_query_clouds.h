// What the CPU kernel of ball_query searches. Torch-free.
#pragma once
#include <bisque/ops3d/knn_points/knn_points_cloud.h>

namespace bisque::ball {

/// The points of a cloud twice: in the order of their indices, and, where that pays, in a tree.
template <class T>
struct Clouds {
  knn::Cloud<T> in_order, tree;
};

}  // namespace bisque::ball
