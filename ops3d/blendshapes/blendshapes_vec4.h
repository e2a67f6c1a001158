// Four lanes for the CPU kernels of blendshapes: the same on every machine, so that sums never depend on its vectors'
// width.
#pragma once

namespace bisque {

template <class T>
struct Vec4Of {
  typedef T type __attribute__((vector_size(4 * sizeof(T))));
};
template <class T>
using Vec4 = typename Vec4Of<T>::type;

}  // namespace bisque
