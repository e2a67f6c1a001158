// Searches the points in a ball, through a tree or block by block. Compiled once for each SIMD target.
#if defined(BISQUE_BALL_QUERY_SEARCH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_BALL_QUERY_SEARCH_INL_H_
#undef BISQUE_BALL_QUERY_SEARCH_INL_H_
#else
#define BISQUE_BALL_QUERY_SEARCH_INL_H_
#endif

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <bisque/ops3d/ball_query/ball_query_clouds.h>
#include <bisque/ops3d/ball_query/ball_query_index_set.h>
#include <bisque/ops3d/ball_query/ball_query_kernels.h>
#include <bisque/ops3d/knn_points/knn_points_search-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::ball::HWY_NAMESPACE {
namespace simd = bisque::knn::HWY_NAMESPACE;
namespace hn = hwy::HWY_NAMESPACE;
using knn::Cloud;
using knn::kBlock;

/// Calls found(index) for the points of a block that lie in the ball, in their order.
template <class M, class Found, class T = typename M::T>
HWY_INLINE void find_in_block(const Cloud<T>& cloud, int64_t block, const T* query, T limit, const Found& found) {
  const simd::Lanes<T> d;
  const int32_t* index = &cloud.index[static_cast<size_t>(block * kBlock)];
  for (int64_t first = 0; first < kBlock; first += static_cast<int64_t>(hn::Lanes(d))) {
    const auto dists = simd::block_distances<M>(cloud.block(block), cloud.dim, query, first);
    for (uint32_t bits = simd::bits_of<T>(hn::Lt(dists, hn::Set(d, limit))); bits; bits &= bits - 1) {
      found(index[first + __builtin_ctz(bits)]);
    }
  }
}

/// The search of one cloud, with its memory.
template <class M, class T = typename M::T>
class Search {
 public:
  Search(const Clouds<T>& clouds, T limit, int64_t length, int64_t K)
      : clouds_(clouds), limit_(limit), K_(K), idx_(static_cast<size_t>(K + kBlock)), set_(length) {
    // A ball with h points takes about h steps in the tree, and K length / h in the order of the indices: full balls
    // are found among the first sqrt(K length) points.
    const double first = std::sqrt(static_cast<double>(K) * static_cast<double>(length));
    blocks_in_order_ = clouds.in_order.num_blocks;
    if (has_tree()) blocks_in_order_ = std::min(blocks_in_order_, static_cast<int64_t>(first) / kBlock);
  }

  /// The first K points in a ball, by their indices.
  std::span<const int32_t> find(const T* query) {
    count_ = 0;
    find_in_order(query);
    if (has_tree() && count_ < K_) {
      count_ = 0;
      find_below(clouds_.tree.depth, 0, query);
      set_.take(K_, idx_.data());
    }
    return {idx_.data(), static_cast<size_t>(std::min(count_, K_))};
  }

 private:
  bool has_tree() const { return clouds_.tree.depth > 0; }

  void find_in_order(const T* query) {
    for (int64_t block = 0; block < blocks_in_order_ && count_ < K_; ++block) {
      find_in_block<M>(clouds_.in_order, block, query, limit_,
                       [&](int32_t index) HWY_ATTR { idx_[static_cast<size_t>(count_++)] = index; });
    }
  }

  // All points of the ball below a node of the tree, in any order.
  void find_below(int level, int64_t node, const T* query) {
    const Cloud<T>& tree = clouds_.tree;
    HWY_ALIGN T bounds[kBlock];
    simd::scan_node<M>(tree.node(level, node), tree.dim, query, bounds);
    const uint32_t children = (uint32_t{1} << (level == tree.depth ? tree.root_children : knn::kChildren)) - 1;
    for (uint32_t near = simd::near_children(bounds, children, limit_); near; near &= near - 1) {
      const int64_t child = node * knn::kChildren + __builtin_ctz(near);
      if (level > 1) {
        find_below(level - 1, child, query);
      } else {
        find_in_block<M>(tree, child, query, limit_, [&](int32_t index) HWY_ATTR { set_.insert(index), ++count_; });
      }
    }
  }

  const Clouds<T>& clouds_;
  T limit_;
  int64_t K_, blocks_in_order_, count_ = 0;
  std::vector<int32_t> idx_;  // the last block may have more than are wanted
  IndexSet set_;
};

/// Queries [begin, end) of cloud n.
template <class M, class T = typename M::T>
HWY_INLINE void search_queries(const BallQuery<T>& p, const Clouds<T>& clouds, int64_t n, int64_t begin, int64_t end) {
  const int64_t length = knn::length_of(p.lengths2, n, p.P2);
  Search<M> search(clouds, p.limit(), length, std::min(p.K, length));
  for (int64_t row = n * p.P1 + begin; row < n * p.P1 + end; ++row) {
    const T* query = p.p1 + row * p.D;
    T* dists = p.dists + row * p.K;
    int64_t* idx = p.idx + row * p.K;
    int64_t k = 0;
    for (const int32_t found : search.find(query)) {
      dists[k] = knn::distance(query, p.p2 + (n * p.P2 + found) * p.D, p.D, false);
      idx[k++] = found;
    }
    std::fill(dists + k, dists + p.K, T(0));
    std::fill(idx + k, idx + p.K, int64_t{-1});
  }
}

template <class T>
void search_range(const BallQuery<T>& p, const Clouds<T>& clouds, int64_t n, int64_t begin, int64_t end) {
  p.D == 3 ? search_queries<simd::Metric<T, 3, false>>(p, clouds, n, begin, end)
           : search_queries<simd::Metric<T, 0, false>>(p, clouds, n, begin, end);
}

}  // namespace bisque::ball::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
