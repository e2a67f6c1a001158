#include <bisque/ops3d/knn_points/knn_points_nearest.h>

#include <algorithm>

namespace bisque::knn {
namespace {

size_t slack(size_t k) { return std::max(size_t{32}, k / 4); }

template <class It>
It at(It first, size_t place) {
  return first + static_cast<std::ptrdiff_t>(place);
}

}  // namespace

template <class T>
Nearest<T>::Nearest(int64_t k) : k_(static_cast<size_t>(k)), list_(k_ > kSorted ? k_ + slack(k_) : k_) {}

template <class T>
void Nearest<T>::throw_away() {
  const auto kth = at(list_.begin(), k_ - 1);
  std::nth_element(list_.begin(), kth, at(list_.begin(), size_));
  set_last(*kth);
  size_ = k_;
  full_at_ = k_ + slack(k_);
}

template <class T>
void Nearest<T>::write(int64_t k, T* dists, int64_t* idx) {
  if (k_ > kSorted) std::sort(list_.begin(), at(list_.begin(), size_));
  const auto found = static_cast<int64_t>(std::min(size_, k_));
  for (int64_t i = 0; i < found; ++i) {
    dists[i] = distance_of<T>(list_[static_cast<size_t>(i)].key);
    idx[i] = list_[static_cast<size_t>(i)].index;
  }
  std::fill(dists + found, dists + k, T(0));
  std::fill(idx + found, idx + k, int64_t{0});
}

template class Nearest<float>;
template class Nearest<double>;

}  // namespace bisque::knn
