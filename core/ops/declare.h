// An op in one object. NAME.cpp is compiled twice: into the op library, and with BISQUE_CUDA_PART into the library of
// its CUDA kernels, so that CPU, Meta and CUDA share the checks without a header between them.
//
//   const op::Op<VertexNormals> vertex_normals({.schema = ..., .shapes = ..., .scratch = ..., .backward = ...});
//
// VertexNormals<T> is the struct of the op's params (fields.h). Its run(on) runs the op: one template over OnCpu and
// OnCuda where its steps run by each() (each.h), or two functions.
#pragma once
#include <bisque/core/ops/declaration.h>
#include <bisque/core/ops/glue.h>
#ifdef BISQUE_CUDA_PART
#include <bisque/core/ops/cuda_glue.h>
#else
#include <bisque/core/ops/each_cpu.h>
#endif

namespace bisque::op {

template <template <class> class Params>
class Op {
 public:
  explicit Op(const OpText& text) : entry_(entry(text)) { text_ = text; }

 private:
#ifdef BISQUE_CUDA_PART
  static CudaKernel entry(const OpText& text) { return {text.schema, &run, &check}; }
#else
  static OpDeclaration entry(const OpText& text) {
    return {.schema = text.schema,
            .shapes = text.shapes,
            .backward = text.backward,
            .cpu = &run,
            .meta = &meta,
            .check = &check};
  }
#endif

  static const Declaration& declaration() {
    static const Declaration parsed(text_, fields_of<Params<Floating>>());
    return parsed;
  }
  static void check() { declaration(); }

  static void meta(uint64_t* stack, uint64_t, uint64_t) {
    Call call;
    declaration().prepare(stack, false, call);
    declaration().put_results(call, stack);
  }

  /// Of the device that this part of the library is for.
  static void run(uint64_t* stack, uint64_t, uint64_t) {
    Call call;
#ifdef BISQUE_CUDA_PART
    declaration().prepare(stack, true, call);
    const Tensor& like = declaration().like(call);
    const CudaScope scope(like);
    const CudaReports reports(like, scope.stream());
    by_float_type(like, [&](auto zero) {
      run_on_cuda(params_of<Params<decltype(zero)>>(call.slots.data()), OnCuda{scope.stream(), reports.on_device()});
    });
    STD_CUDA_KERNEL_LAUNCH_CHECK();
    if (const BadValue bad = reports.read(); bad.array) declaration().raise(bad, call);
#else
    declaration().prepare(stack, false, call);
    try {
      by_float_type(declaration().like(call),
                    [&](auto zero) { params_of<Params<decltype(zero)>>(call.slots.data()).run(OnCpu{}); });
    } catch (const BadValue& bad) {
      declaration().raise(bad, call);
    }
#endif
    declaration().put_results(call, stack);
  }

  static inline OpText text_{};
  Register entry_;
};

}  // namespace bisque::op
