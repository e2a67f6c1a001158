// The distances of points to triangles, segments and points: what the ops *_distance and their gradients share on CPU
// and CUDA. No torch, no CUDA.
#pragma once
#include <cmath>
#include <cstdint>

#include <bisque/core/ops/packed.h>
#include <bisque/ops3d/distance/distance_math.h>

namespace bisque::distance {

/// For each query, the nearest target of its cloud. Queries and targets are simplices of 1 to 3 corners, and one of the
/// two is a point.
template <class T>
struct Search {
  const T* queries;             // [num_queries, query_corners, 3]
  const int64_t* query_first;   // [num_clouds] the first query of each cloud
  const T* targets;             // [num_targets, target_corners, 3]
  const int64_t* target_first;  // [num_clouds]
  T* dists;                     // [num_queries]
  int64_t* idxs;                // [num_queries]
  int64_t num_queries, num_targets, num_clouds;
  int query_corners, target_corners;
  double min_triangle_area;
};

/// The gradient of a search's distances.
template <class T>
struct SearchGradient {
  const T* grad_dists;  // [num_queries]
  const T* queries;     // [num_queries, query_corners, 3]
  const T* targets;     // [num_targets, target_corners, 3]
  const int64_t* idxs;  // [num_queries]
  T* grad_queries;      // as queries
  T* grad_targets;      // as targets
  int64_t num_queries, num_targets;
  int query_corners, target_corners;
  double min_triangle_area;
};

template <class T>
BISQUE_HOST_DEVICE inline BadValue check_clouds(const Search<T>& p, int64_t n) {
  const BadValue bad = check_first_row(p.query_first, n, p.num_queries);
  return bad.array ? bad : check_first_row(p.target_first, n, p.num_targets);
}

/// The nearest target so far. Among equal distances the lowest index wins, in whatever order they come.
template <class T>
struct Nearest {
  T dist = T(INFINITY);
  int64_t index = -1;

  BISQUE_HOST_DEVICE void offer(T other_dist, int64_t other) {
    if (other < 0) return;
    if (index >= 0 && !(other_dist < dist || (other_dist == dist && other < index))) return;
    dist = other_dist;
    index = other;
  }

  BISQUE_HOST_DEVICE void write(const Search<T>& p, int64_t query, bool query_is_finite) const {
    p.dists[query] = !query_is_finite ? T(NAN) : index < 0 ? T(0) : dist;
    p.idxs[query] = index;
  }
};

/// The squared distance of a query and a target, whose coordinates are `stride` values apart; infinity where
/// coordinates overflow.
template <int kQuery, int kTarget, class T>
BISQUE_HOST_DEVICE inline double pair_square(const T* query, const T* target, int64_t stride,
                                             double min_triangle_area) {
  static_assert(kQuery == 1 || kTarget == 1);
  double square;
  if constexpr (kQuery == 1) {
    square = nearest_point(load(query, 1), Simplex<kTarget>(target, stride), min_triangle_area).square;
  } else {
    square = nearest_point(load(target, stride), Simplex<kQuery>(query, 1), min_triangle_area).square;
  }
  return square == square ? square : INFINITY;
}

template <class T>
BISQUE_HOST_DEVICE inline void add_vector(T* sum, Vec3 vector) {
  add_to(sum, static_cast<T>(vector.x));
  add_to(sum + 1, static_cast<T>(vector.y));
  add_to(sum + 2, static_cast<T>(vector.z));
}

/// Adds the gradient of one squared distance, of a point to a simplex.
template <int kCorners, class T>
BISQUE_HOST_DEVICE inline void add_pair_gradient(T grad, const T* point, const T* corners, double min_triangle_area,
                                                 T* grad_point, T* grad_corners) {
  const Vec3 at = load(point, 1);
  const Simplex<kCorners> simplex(corners, 1);
  const NearestPoint<kCorners> nearest = nearest_point(at, simplex, min_triangle_area);
  Vec3 to_nearest = {0, 0, 0};
  for (int k = 0; k < kCorners; ++k) to_nearest = to_nearest + nearest.weights[k] * (simplex.corners[k] - at);
  const Vec3 along = 2 * static_cast<double>(grad) * to_nearest;
  add_vector(grad_point, -1 * along);
  for (int k = 0; k < kCorners; ++k) add_vector(grad_corners + 3 * k, nearest.weights[k] * along);
}

template <int kQuery, int kTarget, class T>
BISQUE_HOST_DEVICE inline BadValue add_query_gradient(const SearchGradient<T>& p, int64_t query) {
  if (const BadValue bad = check_index(p.idxs, query, p.num_targets, -1); bad.array) return bad;
  const int64_t target = p.idxs[query];
  if (target < 0) return {};
  const T *of_query = p.queries + 3 * kQuery * query, *of_target = p.targets + 3 * kTarget * target;
  T *grad_query = p.grad_queries + 3 * kQuery * query, *grad_target = p.grad_targets + 3 * kTarget * target;
  const T grad = p.grad_dists[query];
  if constexpr (kQuery == 1) {
    add_pair_gradient<kTarget>(grad, of_query, of_target, p.min_triangle_area, grad_query, grad_target);
  } else {
    add_pair_gradient<kQuery>(grad, of_target, of_query, p.min_triangle_area, grad_target, grad_query);
  }
  return {};
}

/// Calls call.template operator()<kQuery, kTarget>() for the corners of a search or a gradient.
template <class P, class Call>
void dispatch_corners(const P& p, const Call& call) {
  if (p.target_corners == 3) return call.template operator()<1, 3>();
  if (p.target_corners == 2) return call.template operator()<1, 2>();
  if (p.query_corners == 3) return call.template operator()<3, 1>();
  call.template operator()<2, 1>();
}

template <class On, class T>
void add_gradients(const On& on, const SearchGradient<T>& p) {
  fill_zero(on, p.grad_queries, 3 * p.query_corners * p.num_queries);
  fill_zero(on, p.grad_targets, 3 * p.target_corners * p.num_targets);
  dispatch_corners(p, [&]<int kQuery, int kTarget>() {
    each_in_order<add_query_gradient<kQuery, kTarget, T>>(on, p, p.num_queries);
  });
}

template <class T>
void find_nearest(const OnCpu& on, const Search<T>& search);
template <class T>
void find_nearest(const OnCuda& on, const Search<T>& search);

}  // namespace bisque::distance

namespace bisque {

template <class T>
struct PointFaceDistance {
  const T* points;                  // [P, 3]
  const int64_t* points_first_idx;  // [N]
  const T* tris;                    // [F, 3, 3]
  const int64_t* tris_first_idx;    // [N]
  double min_triangle_area;
  T* dists;       // [P]
  int64_t* idxs;  // [P]
  int64_t P, N, F;

  template <class On>
  void run(const On& on) const {
    const distance::Search<T> search = {points, points_first_idx, tris, tris_first_idx, dists, idxs, P, F, N, 1,
                                        3,      min_triangle_area};
    distance::find_nearest(on, search);
  }
};

template <class T>
struct PointFaceDistanceBackward {
  const T* grad_dists;  // [P]
  const T* points;      // [P, 3]
  const T* tris;        // [F, 3, 3]
  const int64_t* idxs;  // [P]
  double min_triangle_area;
  T* grad_points;  // [P, 3]
  T* grad_tris;    // [F, 3, 3]
  int64_t P, F;

  template <class On>
  void run(const On& on) const {
    distance::add_gradients(on, distance::SearchGradient<T>{grad_dists, points, tris, idxs, grad_points, grad_tris, P,
                                                            F, 1, 3, min_triangle_area});
  }
};

template <class T>
struct FacePointDistance {
  const T* points;                  // [P, 3]
  const int64_t* points_first_idx;  // [N]
  const T* tris;                    // [F, 3, 3]
  const int64_t* tris_first_idx;    // [N]
  double min_triangle_area;
  T* dists;       // [F]
  int64_t* idxs;  // [F]
  int64_t P, N, F;

  template <class On>
  void run(const On& on) const {
    const distance::Search<T> search = {tris, tris_first_idx,   points, points_first_idx, dists, idxs, F, P, N, 3,
                                        1,    min_triangle_area};
    distance::find_nearest(on, search);
  }
};

template <class T>
struct FacePointDistanceBackward {
  const T* grad_dists;  // [F]
  const T* points;      // [P, 3]
  const T* tris;        // [F, 3, 3]
  const int64_t* idxs;  // [F]
  double min_triangle_area;
  T* grad_points;  // [P, 3]
  T* grad_tris;    // [F, 3, 3]
  int64_t P, F;

  template <class On>
  void run(const On& on) const {
    distance::add_gradients(on, distance::SearchGradient<T>{grad_dists, tris, points, idxs, grad_tris, grad_points, F,
                                                            P, 3, 1, min_triangle_area});
  }
};

template <class T>
struct PointEdgeDistance {
  const T* points;                  // [P, 3]
  const int64_t* points_first_idx;  // [N]
  const T* segms;                   // [S, 2, 3]
  const int64_t* segms_first_idx;   // [N]
  T* dists;                         // [P]
  int64_t* idxs;                    // [P]
  int64_t P, N, S;

  template <class On>
  void run(const On& on) const {
    const distance::Search<T> search = {points, points_first_idx, segms, segms_first_idx, dists, idxs, P, S, N, 1, 2,
                                        0};
    distance::find_nearest(on, search);
  }
};

template <class T>
struct PointEdgeDistanceBackward {
  const T* grad_dists;  // [P]
  const T* points;      // [P, 3]
  const T* segms;       // [S, 2, 3]
  const int64_t* idxs;  // [P]
  T* grad_points;       // [P, 3]
  T* grad_segms;        // [S, 2, 3]
  int64_t P, S;

  template <class On>
  void run(const On& on) const {
    distance::add_gradients(
        on, distance::SearchGradient<T>{grad_dists, points, segms, idxs, grad_points, grad_segms, P, S, 1, 2, 0});
  }
};

template <class T>
struct EdgePointDistance {
  const T* points;                  // [P, 3]
  const int64_t* points_first_idx;  // [N]
  const T* segms;                   // [S, 2, 3]
  const int64_t* segms_first_idx;   // [N]
  T* dists;                         // [S]
  int64_t* idxs;                    // [S]
  int64_t P, N, S;

  template <class On>
  void run(const On& on) const {
    const distance::Search<T> search = {segms, segms_first_idx, points, points_first_idx, dists, idxs, S, P, N, 2, 1,
                                        0};
    distance::find_nearest(on, search);
  }
};

template <class T>
struct EdgePointDistanceBackward {
  const T* grad_dists;  // [S]
  const T* points;      // [P, 3]
  const T* segms;       // [S, 2, 3]
  const int64_t* idxs;  // [S]
  T* grad_points;       // [P, 3]
  T* grad_segms;        // [S, 2, 3]
  int64_t P, S;

  template <class On>
  void run(const On& on) const {
    distance::add_gradients(
        on, distance::SearchGradient<T>{grad_dists, segms, points, idxs, grad_segms, grad_points, S, P, 2, 1, 0});
  }
};

}  // namespace bisque
