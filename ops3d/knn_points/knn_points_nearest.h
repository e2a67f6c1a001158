// The K nearest points of one query so far.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <bisque/ops3d/knn_points/knn_points_kernels.h>

namespace bisque::knn {

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
  explicit Nearest(int64_t k);

  void clear() {
    size_ = 0;
    full_at_ = k_;
    worst_ = kInfinity;
    full_ = false;
  }

  /// What is farther than this need not be inserted. Infinite as long as NaN may still be among the K.
  T worst() const { return worst_; }
  bool takes_any() const { return worst_ == kInfinity; }

  void insert(T distance, int32_t index) {
    const Neighbor<T> neighbor{key_of(distance), index};
    if (full_ && !(neighbor < last_)) return;
    if (k_ > kSorted) {
      list_[size_++] = neighbor;
      if (size_ == full_at_) throw_away();
      return;
    }
    size_t i = full_ ? k_ - 1 : size_++;
    for (; i > 0 && neighbor < list_[i - 1]; --i) list_[i] = list_[i - 1];
    list_[i] = neighbor;
    if (size_ == k_) set_last(list_[k_ - 1]);
  }

  /// Writes the K nearest in order, and zeros where there are fewer.
  void write(int64_t k, T* dists, int64_t* idx);

 private:
  static constexpr size_t kSorted = 32;
  static constexpr T kInfinity = std::numeric_limits<T>::infinity();

  void throw_away();
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

}  // namespace bisque::knn
