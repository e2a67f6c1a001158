// An op whose checks and allocations are more than its declaration can say: it has a prepare function. NAME.cpp is
// compiled twice, as for declare.h.
//
//   RowNorm prepare_row_norm(const Tensor& x, const std::optional<Tensor>& weight, ..., bool center) { ... }
//
//   const op::PreparedOp<prepare_row_norm> row_norm({.schema = ..., .shapes = ..., .backward = ...});
//
// The prepare function takes the arguments of the schema; the first one is a tensor, which decides on the device. It
// checks them, allocates, and returns a struct with
//
//   void run(const On& on) const    runs the kernels; On is OnCpu in the op library, OnCuda in its CUDA part
//   results() const                 a Tensor, a std::tuple of Tensors, or nothing
#pragma once
#include <type_traits>

#include <bisque/core/ops/each.h>
#include <bisque/core/ops/glue.h>
#ifdef BISQUE_CUDA_PART
#include <bisque/core/ops/cuda_glue.h>
#else
#include <bisque/core/ops/each_cpu.h>
#endif

namespace bisque::op {

struct PreparedOpText {
  const char* schema;
  const char* shapes;
  const char* backward = nullptr;  // the op that gives the gradient; null: not differentiable
};

/// Runs a params struct where `on` says.
template <class Params>
void run_params(const OnCpu& on, const Params& params) {
  params.run(on);
}
template <class Params>
void run_params(const OnCuda& on, const Params& params) {
  run_on_cuda(params, on);
}

/// `composed` computes the same out of differentiable operators (docs/ops.md, Gradients).
template <auto prepare, auto composed = nullptr, class Function = decltype(prepare)>
class PreparedOp;

template <auto prepare, auto composed, class Call, class... Arguments>
class PreparedOp<prepare, composed, Call (*)(Arguments...)> {
 public:
  explicit PreparedOp(const PreparedOpText& text) : entry_(entry(text)) {}

 private:
#ifdef BISQUE_CUDA_PART
  static CudaKernel entry(const PreparedOpText& text) { return {text.schema, BISQUE_KERNEL(run)}; }

  static auto run(Arguments... arguments) {
    const Call call = prepare(arguments...);
    const CudaScope scope(first(arguments...));
    call.run(OnCuda{scope.stream(), nullptr});
    STD_CUDA_KERNEL_LAUNCH_CHECK();
    return call.results();
  }

  template <class... Rest>
  static const Tensor& first(const Tensor& tensor, const Rest&...) {
    return tensor;
  }
#else
  static OpDeclaration entry(const PreparedOpText& text) {
    Kernel composition;
    if constexpr (!std::is_null_pointer_v<decltype(composed)>) composition = BISQUE_KERNEL(*composed);
    return {.schema = text.schema,
            .shapes = text.shapes,
            .backward = text.backward,
            .cpu = BISQUE_KERNEL(run),
            .meta = BISQUE_KERNEL(meta),
            .composed = composition};
  }

  static auto run(Arguments... arguments) {
    const Call call = prepare(arguments...);
    call.run(OnCpu{});
    return call.results();
  }

  static auto meta(Arguments... arguments) { return prepare(arguments...).results(); }
#endif

  Register entry_;
};

}  // namespace bisque::op
