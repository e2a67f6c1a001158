// Searches the blocks of a cloud, one after another or through its tree. Compiled once for each SIMD target.
#if defined(BISQUE_KNN_POINTS_SEARCH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_KNN_POINTS_SEARCH_INL_H_
#undef BISQUE_KNN_POINTS_SEARCH_INL_H_
#else
#define BISQUE_KNN_POINTS_SEARCH_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include <bisque/ops3d/knn_points/knn_points_cloud.h>
#include <bisque/ops3d/knn_points/knn_points_nearest.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::knn::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Vectors of at most a block.
template <class T>
using Lanes = hn::CappedTag<T, kBlock>;
template <class T>
using Vec = hn::Vec<Lanes<T>>;

/// What the search of a cloud is compiled for: the number of coordinates (0: known at run time) and the norm.
template <class Scalar, int kDimension, bool kIsL1>
struct Metric {
  using T = Scalar;
  static constexpr int kDim = kDimension;
  static constexpr bool kL1 = kIsL1;

  static HWY_INLINE Vec<T> term(Vec<T> diff) {
    if constexpr (kL1) {
      return hn::Abs(diff);
    } else {
      return hn::Mul(diff, diff);
    }
  }
};

template <class T>
HWY_INLINE uint32_t bits_of(hn::Mask<Lanes<T>> mask) {
  uint8_t bytes[8] = {};
  hn::StoreMaskBits(Lanes<T>(), mask, bytes);
  return static_cast<uint32_t>(bytes[0]) | static_cast<uint32_t>(bytes[1]) << 8;
}

/// Distances of a query to the points in some lanes of a block, from `first` on.
template <class M, class T = typename M::T>
HWY_INLINE Vec<T> block_distances(const T* block, int64_t dim, const T* query, int64_t first) {
  const Lanes<T> d;
  if constexpr (M::kDim > 0) dim = M::kDim;
  auto sum = hn::Zero(d);
  for (int64_t i = 0; i < dim; ++i) {
    sum = hn::Add(sum, M::term(hn::Sub(hn::Set(d, query[i]), hn::Load(d, block + i * kBlock + first))));
  }
  return sum;
}

/// Inserts the points of a block that are near enough, for each query.
template <class M, int kQueries, class T = typename M::T>
HWY_NOINLINE void scan_block(const T* block, const int32_t* index, int64_t dim, const T* queries, Nearest<T>* nearest) {
  const Lanes<T> d;
  if constexpr (M::kDim > 0) dim = M::kDim;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t first = 0; first < kBlock; first += lanes) {
    Vec<T> sums[kQueries];
    for (int q = 0; q < kQueries; ++q) sums[q] = hn::Zero(d);
    for (int64_t i = 0; i < dim; ++i) {
      const auto x = hn::Load(d, block + i * kBlock + first);
      for (int q = 0; q < kQueries; ++q) {
        sums[q] = hn::Add(sums[q], M::term(hn::Sub(hn::Set(d, queries[q * dim + i]), x)));
      }
    }
    for (int q = 0; q < kQueries; ++q) {
      const auto near = hn::Le(sums[q], hn::Set(d, nearest[q].worst()));
      if (hn::AllFalse(d, near)) continue;
      HWY_ALIGN T distances[kBlock];
      hn::Store(sums[q], d, distances);
      for (uint32_t bits = bits_of<T>(near); bits; bits &= bits - 1) {
        const int lane = __builtin_ctz(bits);
        nearest[q].insert(distances[lane], index[first + lane]);
      }
    }
  }
}

/// Distances of a query to the boxes of a node's children. Rounding is monotonic and the sums are in the same order, so
/// none exceeds the distance of a point in its box.
template <class M, class T = typename M::T>
HWY_INLINE void scan_node(const T* boxes, int64_t dim, const T* query, T* bounds) {
  const Lanes<T> d;
  static_assert(kChildren <= kBlock);
  if constexpr (M::kDim > 0) dim = M::kDim;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t first = 0; first < kChildren; first += lanes) {
    auto sum = hn::Zero(d);
    for (int64_t i = 0; i < dim; ++i) {
      const T* sides = boxes + 2 * i * kChildren + first;
      const auto x = hn::Set(d, query[i]);
      const auto below = hn::Sub(hn::Load(d, sides), x), above = hn::Sub(x, hn::Load(d, sides + kChildren));
      sum = hn::Add(sum, M::term(hn::Max(hn::Max(below, above), hn::Zero(d))));
    }
    hn::Store(sum, d, bounds + first);
  }
}

/// Of the children in `left`, those whose bound is at most `worst`.
template <class T>
HWY_INLINE uint32_t near_children(const T* bounds, uint32_t left, T worst) {
  const Lanes<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  uint32_t bits = 0;
  for (int64_t first = 0; first < kChildren; first += lanes) {
    bits |= bits_of<T>(hn::Le(hn::Load(d, bounds + first), hn::Set(d, worst))) << first;
  }
  return bits & left;
}

template <class T>
HWY_INLINE int nearest_child(const T* bounds, uint32_t bits) {
  int best = __builtin_ctz(bits);
  for (bits &= bits - 1; bits; bits &= bits - 1) {
    const int child = __builtin_ctz(bits);
    best = bounds[child] < bounds[best] ? child : best;
  }
  return best;
}

/// A node on the way down: the children that are not visited yet.
template <class T>
struct Visit {
  HWY_ALIGN T bounds[kBlock];
  uint32_t left;
  int64_t node;
};

/// Depth first, the nearest child first.
template <class M, class T = typename M::T>
HWY_INLINE void search_tree(const Cloud<T>& cloud, const T* query, Nearest<T>& nearest) {
  Visit<T> visits[kMaxDepth + 1];
  int level = cloud.depth;
  visits[level].node = 0;
  visits[level].left = (uint32_t{1} << cloud.root_children) - 1;
  scan_node<M>(cloud.node(level, 0), cloud.dim, query, visits[level].bounds);
  while (true) {
    Visit<T>& visit = visits[level];
    visit.left = near_children(visit.bounds, visit.left, nearest.worst());
    if (visit.left == 0) {
      if (level == cloud.depth) return;
      ++level;
      continue;
    }
    const int child = nearest_child(visit.bounds, visit.left);
    visit.left &= ~(uint32_t{1} << child);
    const int64_t node = visit.node * kChildren + child;
    if (level == 1) {
      scan_block<M, 1>(cloud.block(node), &cloud.index[static_cast<size_t>(node * kBlock)], cloud.dim, query, &nearest);
    } else {
      Visit<T>& next = visits[--level];
      next.node = node;
      next.left = (uint32_t{1} << kChildren) - 1;
      scan_node<M>(cloud.node(level, node), cloud.dim, query, next.bounds);
    }
  }
}

/// All blocks, a tile of them at a time for all queries, so that tiles stay in the first cache.
template <class M, class T = typename M::T>
HWY_INLINE void search_blocks(const Cloud<T>& cloud, const T* queries, int64_t count, Nearest<T>* nearest) {
  constexpr int64_t kTileBytes = 16384;
  const int64_t tile = std::max(int64_t{1}, kTileBytes / (kBlock * cloud.dim * static_cast<int64_t>(sizeof(T))));
  for (int64_t first = 0; first < cloud.num_blocks; first += tile) {
    const int64_t last = std::min(first + tile, cloud.num_blocks);
    const auto scan = [&]<int kQueries>(int64_t q) HWY_ATTR {
      for (int64_t b = first; b < last; ++b) {
        scan_block<M, kQueries>(cloud.block(b), &cloud.index[static_cast<size_t>(b * kBlock)], cloud.dim,
                                queries + q * cloud.dim, nearest + q);
      }
    };
    int64_t q = 0;
    for (; q + 4 <= count; q += 4) scan.template operator()<4>(q);
    for (; q < count; ++q) scan.template operator()<1>(q);
  }
}

}  // namespace bisque::knn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
