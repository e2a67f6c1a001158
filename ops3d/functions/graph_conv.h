// A graph convolution.
#pragma once
#include <bisque/core/nn/layers/linear.h>
#include <bisque/core/nn/module.h>

namespace bisque {

struct GraphConvOptions {
  enum class Init { kNormal, kZero } init = Init::kNormal;
  bool directed = false;  // an edge (a, b) adds the values of b to a; else also those of a to b
};

/// For each vertex w0(x) plus the sum of w1(x) over its neighbours, like PyTorch3D's GraphConv.
///
///   w0, w1   Linear(input_dim, output_dim). kNormal: weights normal with a deviation of 0.01, biases zero. kZero:
///            weights zero, biases as those of Linear
///   forward  verts [V, input_dim], edges [E, 2] int64 -> [V, output_dim]
///
/// Differentiable. Deterministic on the CPU (gather_scatter). V or E may be 0. Errors: those of gather_scatter.
class GraphConv : public ModuleOf<GraphConv> {
 public:
  GraphConv(int64_t input_dim, int64_t output_dim, const GraphConvOptions& options = {},
            const at::TensorOptions& type = {});

  at::Tensor forward(const at::Tensor& verts, const at::Tensor& edges) const;
  void reset_parameters();
  std::string extra_repr() const override;

  const int64_t input_dim, output_dim;
  const GraphConvOptions options;
  Child<Linear> w0, w1;
};

}  // namespace bisque
