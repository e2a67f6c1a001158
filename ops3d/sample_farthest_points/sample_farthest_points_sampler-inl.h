// Selects the points of a cloud, one after another. Compiled once for each SIMD target.
#if defined(BISQUE_SAMPLE_FARTHEST_POINTS_SAMPLER_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_SAMPLE_FARTHEST_POINTS_SAMPLER_INL_H_
#undef BISQUE_SAMPLE_FARTHEST_POINTS_SAMPLER_INL_H_
#else
#define BISQUE_SAMPLE_FARTHEST_POINTS_SAMPLER_INL_H_
#endif

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include <bisque/ops3d/knn_points/knn_points_search-inl.h>
#include <bisque/ops3d/sample_farthest_points/sample_farthest_points_kernels.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::farthest::HWY_NAMESPACE {
namespace simd = bisque::knn::HWY_NAMESPACE;
namespace hn = hwy::HWY_NAMESPACE;
using knn::Cloud;
using knn::kBlock;
using knn::kChildren;

/// The farthest of some points from those that are selected; of equally far ones, that with the lowest index.
template <class T>
struct Farthest {
  T dist;
  int32_t index;
};

/// Of a block's points, or of a node's children.
template <class T>
HWY_INLINE Farthest<T> farthest_of(const T* dists, const int32_t* indices) {
  static_assert(kChildren == kBlock);
  const simd::Lanes<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  auto most = hn::LoadU(d, dists);
  for (int64_t first = lanes; first < kBlock; first += lanes) most = hn::Max(most, hn::LoadU(d, dists + first));
  const T dist = hn::GetLane(hn::MaxOfLanes(d, most));
  int32_t lowest = std::numeric_limits<int32_t>::max();
  for (int64_t first = 0; first < kBlock; first += lanes) {
    for (uint32_t bits = simd::bits_of<T>(hn::Eq(hn::LoadU(d, dists + first), hn::Set(d, dist))); bits;
         bits &= bits - 1) {
      lowest = std::min(lowest, indices[first + __builtin_ctz(bits)]);
    }
  }
  return {dist, lowest};
}

template <class M, class T = typename M::T>
class Sampler {
 public:
  explicit Sampler(const Cloud<T>& cloud)
      : cloud_(cloud),
        num_nodes_(cloud.depth > 0 ? cloud.level_first[static_cast<size_t>(cloud.depth)] + 1 : 0),
        min_dists_(cloud.index.size()),
        node_dists_(static_cast<size_t>(num_nodes_ * kChildren), kNoPoint),
        node_indices_(node_dists_.size()) {
    for (size_t i = 0; i < min_dists_.size(); ++i) {
      min_dists_[i] = cloud.index[i] < 0 ? kNoPoint : std::numeric_limits<T>::infinity();
    }
  }

  /// Selects a point, and returns the farthest one then; index 0 where a cloud has no finite point.
  int64_t select(const T* point) {
    const Farthest<T> next = cloud_.depth > 0 ? visit_node(cloud_.depth, 0, point) : visit_blocks(point);
    is_first_ = false;
    return std::max(next.index, 0);
  }

 private:
  static constexpr T kNoPoint = -1;  // no distance is less

  Farthest<T> visit_node(int level, int64_t node, const T* point) {
    const int64_t children = level == cloud_.depth ? cloud_.root_children : kChildren;
    const int64_t first = (cloud_.level_first[static_cast<size_t>(level)] + node) * kChildren;
    T* dists = &node_dists_[static_cast<size_t>(first)];
    int32_t* indices = &node_indices_[static_cast<size_t>(first)];
    uint32_t near = (uint32_t{1} << children) - 1;
    if (!is_first_) near &= changing_children(level, node, dists, point);
    for (; near; near &= near - 1) {
      const int child = __builtin_ctz(near);
      const int64_t below = node * kChildren + child;
      const Farthest<T> farthest = level == 1 ? visit_block(below, point) : visit_node(level - 1, below, point);
      dists[child] = farthest.dist;
      indices[child] = farthest.index;
    }
    return farthest_of(dists, indices);
  }

  // Those that may have a point to which this one is the nearest.
  HWY_INLINE uint32_t changing_children(int level, int64_t node, const T* dists, const T* point) const {
    HWY_ALIGN T bounds[kBlock];
    simd::scan_node<M>(cloud_.node(level, node), cloud_.dim, point, bounds);
    const simd::Lanes<T> d;
    uint32_t bits = 0;
    for (int64_t first = 0; first < kChildren; first += static_cast<int64_t>(hn::Lanes(d))) {
      bits |= simd::bits_of<T>(hn::Lt(hn::Load(d, bounds + first), hn::LoadU(d, dists + first))) << first;
    }
    return bits;
  }

  Farthest<T> visit_blocks(const T* point) {
    Farthest<T> best = {kNoPoint, 0};
    for (int64_t block = 0; block < cloud_.num_blocks; ++block) {
      const Farthest<T> farthest = visit_block(block, point);
      if (farthest.dist > best.dist) best = farthest;  // indices ascend
    }
    return best;
  }

  HWY_INLINE Farthest<T> visit_block(int64_t block, const T* point) {
    const simd::Lanes<T> d;
    T* dists = &min_dists_[static_cast<size_t>(block * kBlock)];
    for (int64_t first = 0; first < kBlock; first += static_cast<int64_t>(hn::Lanes(d))) {
      const auto before = hn::LoadU(d, dists + first);
      const auto now = simd::block_distances<M>(cloud_.block(block), cloud_.dim, point, first);
      hn::StoreU(hn::IfThenElse(hn::Lt(now, before), now, before), d, dists + first);  // NaN is not less
    }
    return farthest_of(dists, &cloud_.index[static_cast<size_t>(block * kBlock)]);
  }

  const Cloud<T>& cloud_;
  int64_t num_nodes_;
  bool is_first_ = true;
  std::vector<T> min_dists_;           // [blocks, kBlock] of the points to those that are selected
  std::vector<T> node_dists_;          // [nodes, kChildren] the farthest point of each child
  std::vector<int32_t> node_indices_;  // [nodes, kChildren]
};

template <class M, class T = typename M::T>
HWY_INLINE void select_points(const T* points, const Cloud<T>& cloud, int64_t start, int64_t count, int64_t* idx) {
  Sampler<M> sampler(cloud);
  idx[0] = start;
  for (int64_t k = 1; k < count; ++k) idx[k] = sampler.select(points + idx[k - 1] * cloud.dim);
}

template <class T>
void sample_cloud(const SampleFarthestPoints<T>& p, int64_t n) {
  const T* points = p.points + n * p.P * p.D;
  const int64_t length = p.length_of(n), count = p.count_of(n);
  int64_t* idx = p.idx + n * p.K;
  std::fill(idx + count, idx + p.K, int64_t{-1});
  if (count == 0) return;
  const Cloud<T> cloud = knn::make_cloud(points, length, p.D, length >= 512 && count >= 8);  // else a tree does not pay
  if (p.D == 3) {
    select_points<simd::Metric<T, 3, false>>(points, cloud, p.start_of(n), count, idx);
  } else {
    select_points<simd::Metric<T, 0, false>>(points, cloud, p.start_of(n), count, idx);
  }
}

}  // namespace bisque::farthest::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
