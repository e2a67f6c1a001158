// The choice of a view's kernel. Compiled once for each SIMD target.
#if defined(BISQUE_NORM_CPU_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_NORM_CPU_INL_H_
#undef BISQUE_NORM_CPU_INL_H_
#else
#define BISQUE_NORM_CPU_INL_H_
#endif

#include <bisque/core/ops/norm/norm_columns-inl.h>
#include <bisque/core/ops/norm/norm_elements-inl.h>
#include <bisque/core/ops/norm/norm_planes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::norm::HWY_NAMESPACE {

template <class T>
void forward(const ForwardParams<T>& params) {
  if (params.view.values() == 0) return fill_empty(params);
  switch (params.view.kind) {
    case Kind::kPlanes:
      return PlanesForward<T>(params).run();
    case Kind::kElements:
      return ElementsForward<T>(params).run();
    case Kind::kColumns:
      return ColumnsForward<T>(params).run();
  }
}

template <class T>
void backward(const BackwardParams<T>& params) {
  if (params.view.values() == 0) return fill_empty(params);
  switch (params.view.kind) {
    case Kind::kPlanes:
      return PlanesBackward<T>(params).run();
    case Kind::kElements:
      return ElementsBackward<T>(params).run();
    case Kind::kColumns:
      return ColumnsBackward<T>(params).run();
  }
}

}  // namespace bisque::norm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
