// The search through a tree, for each SIMD target. The compiler turns the loops over distance_math.h into vectors.
#include <bisque/ops3d/distance/distance_search.h>

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/ops3d/distance/distance_search.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bisque/ops3d/knn_points/knn_points_search-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::distance::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace tree_search = knn::HWY_NAMESPACE;

template <class T>
struct QueryBox {
  template <int kCorners>
  static QueryBox of(const T* query) {
    QueryBox box;
    for (int d = 0; d < 3; ++d) {
      box.low[d] = box.high[d] = query[d];
      for (int k = 1; k < kCorners; ++k) {
        box.low[d] = std::min(box.low[d], query[3 * k + d]);
        box.high[d] = std::max(box.high[d], query[3 * k + d]);
      }
    }
    return box;
  }
  T low[3], high[3];
};

/// Squared distances of a query's box to the boxes of a node's children.
template <class T>
HWY_INLINE void scan_node(const T* boxes, const QueryBox<T>& query, T* bounds) {
  const tree_search::Lanes<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t first = 0; first < kChildren; first += lanes) {
    auto sum = hn::Zero(d);
    for (int i = 0; i < 3; ++i) {
      const T* sides = boxes + 2 * i * kChildren + first;
      const auto below = hn::Sub(hn::Load(d, sides), hn::Set(d, query.high[i]));
      const auto above = hn::Sub(hn::Set(d, query.low[i]), hn::Load(d, sides + kChildren));
      const auto gap = hn::Max(hn::Max(below, above), hn::Zero(d));
      sum = hn::Add(sum, hn::Mul(gap, gap));
    }
    hn::Store(sum, d, bounds + first);
  }
}

/// No target in a box with a greater bound is as near as `dist`: bounds and distances are rounded differently.
template <class T>
HWY_INLINE T farthest_bound(T dist) {
  return dist * (1 + 16 * std::numeric_limits<T>::epsilon());
}

template <int kQuery, int kTarget, class T>
HWY_NOINLINE void scan_block(const Search<T>& p, const T* block, const int32_t* index, const T* query,
                             Nearest<T>& nearest) {
  HWY_ALIGN double squares[kBlock];
  HWY_ALIGN T dists[kBlock];
  for (int64_t lane = 0; lane < kBlock; ++lane) {
    squares[lane] = pair_square<kQuery, kTarget>(query, block + lane, kBlock, p.min_triangle_area);
  }
  for (int64_t lane = 0; lane < kBlock; ++lane) dists[lane] = static_cast<T>(squares[lane]);
  for (uint32_t bits = tree_search::near_children(dists, 0xffff, nearest.dist); bits; bits &= bits - 1) {
    const int lane = __builtin_ctz(bits);
    nearest.offer(dists[lane], index[lane]);
  }
}

template <int kQuery, int kTarget, class T>
HWY_INLINE void search_blocks(const Search<T>& p, const Tree<T>& tree, const T* query, Nearest<T>& nearest) {
  for (int64_t block = 0; block < tree.centers.num_blocks; ++block) {
    scan_block<kQuery, kTarget>(p, tree.block(block), tree.index(block), query, nearest);
  }
}

/// Depth first, the nearest child first.
template <int kQuery, int kTarget, class T>
HWY_INLINE void search_tree(const Search<T>& p, const Tree<T>& tree, const T* query, Nearest<T>& nearest) {
  const knn::Cloud<T>& nodes = tree.centers;
  const auto box = QueryBox<T>::template of<kQuery>(query);
  tree_search::Visit<T> visits[knn::kMaxDepth + 1];
  int level = nodes.depth;
  visits[level].node = 0;
  visits[level].left = (uint32_t{1} << nodes.root_children) - 1;
  scan_node(nodes.node(level, 0), box, visits[level].bounds);
  while (level <= nodes.depth) {
    auto& visit = visits[level];
    visit.left = tree_search::near_children(visit.bounds, visit.left, farthest_bound(nearest.dist));
    if (visit.left == 0) {
      ++level;
      continue;
    }
    const int child = tree_search::nearest_child(visit.bounds, visit.left);
    visit.left &= ~(uint32_t{1} << child);
    const int64_t node = visit.node * kChildren + child;
    if (level == 1) {
      scan_block<kQuery, kTarget>(p, tree.block(node), tree.index(node), query, nearest);
    } else {
      auto& next = visits[--level];
      next.node = node;
      next.left = (uint32_t{1} << kChildren) - 1;
      scan_node(nodes.node(level, node), box, next.bounds);
    }
  }
}

template <class T>
void search_range(const Search<T>& p, const Tree<T>& tree, int64_t first_target, int64_t begin, int64_t end) {
  dispatch_corners(p, [&]<int kQuery, int kTarget>() HWY_ATTR {
    for (int64_t i = begin; i < end; ++i) {
      const T* query = p.queries + 3 * kQuery * i;
      const bool finite = all_finite(query, 3 * kQuery);
      Nearest<T> nearest;
      if (finite && tree.centers.depth == 0) {
        search_blocks<kQuery, kTarget>(p, tree, query, nearest);
      } else if (finite) {
        search_tree<kQuery, kTarget>(p, tree, query, nearest);
      }
      if (nearest.index >= 0) nearest.index += first_target;
      nearest.write(p, i, finite);
    }
  });
}

void search_float(const Search<float>& p, const Tree<float>& tree, int64_t first_target, int64_t begin, int64_t end) {
  search_range(p, tree, first_target, begin, end);
}
void search_double(const Search<double>& p, const Tree<double>& tree, int64_t first_target, int64_t begin,
                   int64_t end) {
  search_range(p, tree, first_target, begin, end);
}

}  // namespace bisque::distance::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque::distance {

HWY_EXPORT(search_float);
HWY_EXPORT(search_double);

void search_queries(const Search<float>& search, const Tree<float>& tree, int64_t first_target, int64_t begin,
                    int64_t end) {
  HWY_DYNAMIC_DISPATCH(search_float)(search, tree, first_target, begin, end);
}
void search_queries(const Search<double>& search, const Tree<double>& tree, int64_t first_target, int64_t begin,
                    int64_t end) {
  HWY_DYNAMIC_DISPATCH(search_double)(search, tree, first_target, begin, end);
}

}  // namespace bisque::distance
#endif
