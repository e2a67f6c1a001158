// An op in one object. NAME.cpp is compiled twice: into the op library, and with BISQUE_CUDA_PART into the library of
// its CUDA kernels, so that CPU, Meta and CUDA share the checks without a header between them.
//
//   const op::Op<VertexNormals> vertex_normals({.schema = ..., .shapes = ..., .scratch = ..., .backward = ...});
//
// VertexNormals<T> is the struct of the op's params (fields.h). Its run(on) runs the op: one template over OnCpu and
// OnCuda where its steps run by each() (each.h), or two functions. Where sizes depend on data, its count(on) returns
// them, a std::array, before what has these sizes is allocated and run(on) is called.
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
  static CudaKernel entry(const OpText& text) { return {text.schema, Kernel(&run), &check}; }
#else
  static OpDeclaration entry(const OpText& text) {
    return {.schema = text.schema,
            .shapes = text.shapes,
            .backward = text.backward,
            .cpu = Kernel(&run),
            .meta = Kernel(&meta),
            .check = &check};
  }
#endif

#ifdef BISQUE_CUDA_PART
  using On = OnCuda;
  static constexpr bool kCuda = true;
#else
  using On = OnCpu;
  static constexpr bool kCuda = false;
#endif

  static const Declaration& declaration() {
    using Fields = Params<Floating>;
    static const Declaration parsed(text_, fields_of<Fields>(), {kCuda, num_counted<Fields, On>()});
    return parsed;
  }
  static void check() { declaration(); }

  static void meta(uint64_t* stack, uint64_t, uint64_t) {
    Call call;
    declaration().prepare(stack, call);
    declaration().reject_counted_results();
    declaration().put_results(call, stack);
  }

  /// Of the device that this part of the library is for.
  static void run(uint64_t* stack, uint64_t, uint64_t) {
    Call call;
    declaration().prepare(stack, call);
    try {
      dispatch_floating_types(declaration().like(call), [&](auto zero) { run_as<Params<decltype(zero)>>(call); });
    } catch (const BadValue& bad) {
      declaration().raise(bad, call);
    }
    declaration().put_results(call, stack);
  }

  template <class P>
  static P params(const Call& call) {
    return params_of<P>(call.slots.data());
  }

#ifdef BISQUE_CUDA_PART
  template <class P>
  static void run_as(Call& call) {
    const Tensor& like = declaration().like(call);
    const CudaScope scope(like);
    const CudaReports reports(like, scope.stream());
    const OnCuda on{scope.stream(), reports.on_device()};
    if constexpr (num_counted<P, OnCuda>() > 0) {
      const auto sizes = count_on_cuda(params<P>(call), on);
      STD_CUDA_KERNEL_LAUNCH_CHECK();
      declaration().make_counted(sizes.data(), call);
    }
    run_on_cuda(params<P>(call), on);
    STD_CUDA_KERNEL_LAUNCH_CHECK();
    if (const BadValue bad = reports.read(); bad.array) throw bad;
  }
#else
  template <class P>
  static void run_as(Call& call) {
    if constexpr (num_counted<P, OnCpu>() > 0) {
      const auto sizes = params<P>(call).count(OnCpu{});
      declaration().make_counted(sizes.data(), call);
    }
    params<P>(call).run(OnCpu{});
  }
#endif

  static inline OpText text_{};
  Register entry_;
};

}  // namespace bisque::op
