// The K nearest points of one query so far. Compiled once for each SIMD target.
#if defined(BISQUE_KNN_POINTS_NEAREST_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_KNN_POINTS_NEAREST_INL_H_
#undef BISQUE_KNN_POINTS_NEAREST_INL_H_
#else
#define BISQUE_KNN_POINTS_NEAREST_INL_H_
#endif

#include <algorithm>
#include <limits>
#include <vector>

#include <hwy/highway.h>

#include <bisque/ops3d/knn_points/knn_points_math.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::knn::HWY_NAMESPACE {

template <class T>
struct Neighbor {
  Key<T> key;
  int32_t index;
  friend bool operator<(const Neighbor& a, const Neighbor& b) {
    return a.key != b.key ? a.key < b.key : a.index < b.index;
  }
};

/// Keeps the least of what is inserted, in whatever order that comes. Short lists are kept sorted; long ones collect
/// some more than K and throw away the rest at once.
template <class T>
class Nearest {
 public:
  explicit Nearest(int64_t k) : k_(static_cast<size_t>(k)), list_(k_ > kSorted ? k_ + slack() : k_) {}

  void clear() {
    size_ = 0;
    full_at_ = k_;
    worst_ = kInfinity;
    full_ = false;
  }

  /// What is farther than this need not be inserted. Infinite as long as NaN may still be among the K.
  T worst() const { return worst_; }
  bool takes_any() const { return worst_ == kInfinity; }

  HWY_INLINE void insert(T distance, int32_t index) {
    const Neighbor<T> neighbor{key_of(distance), index};
    if (full_ && !(neighbor < last_)) return;
    if (k_ > kSorted) return append(neighbor);
    size_t i = full_ ? k_ - 1 : size_++;
    for (; i > 0 && neighbor < list_[i - 1]; --i) list_[i] = list_[i - 1];
    list_[i] = neighbor;
    if (size_ == k_) set_last(list_[k_ - 1]);
  }

  /// Writes the K nearest in order, and zeros where there are fewer.
  void write(int64_t k, T* dists, int64_t* idx) {
    std::sort(list_.begin(), list_.begin() + static_cast<std::ptrdiff_t>(size_));
    const auto found = static_cast<int64_t>(std::min(size_, k_));
    for (int64_t i = 0; i < found; ++i) {
      dists[i] = distance_of<T>(list_[static_cast<size_t>(i)].key);
      idx[i] = list_[static_cast<size_t>(i)].index;
    }
    std::fill(dists + found, dists + k, T(0));
    std::fill(idx + found, idx + k, int64_t{0});
  }

 private:
  static constexpr size_t kSorted = 32;
  static constexpr T kInfinity = std::numeric_limits<T>::infinity();

  size_t slack() const { return std::max(size_t{32}, k_ / 4); }

  void append(const Neighbor<T>& neighbor) {
    list_[size_++] = neighbor;
    if (size_ < full_at_) return;
    const auto kth = list_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
    std::nth_element(list_.begin(), kth, list_.begin() + static_cast<std::ptrdiff_t>(size_));
    set_last(*kth);
    size_ = k_;
    full_at_ = k_ + slack();
  }

  void set_last(const Neighbor<T>& last) {
    full_ = true;
    last_ = last;
    const T distance = distance_of<T>(last.key);
    worst_ = distance < kInfinity ? distance : kInfinity;
  }

  size_t k_, size_ = 0, full_at_ = 0;
  bool full_ = false;
  T worst_ = kInfinity;
  Neighbor<T> last_{};  // the K-th nearest, where full
  std::vector<Neighbor<T>> list_;
};

}  // namespace bisque::knn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
