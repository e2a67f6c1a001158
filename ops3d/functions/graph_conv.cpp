#include <bisque/ops3d/functions/graph_conv.h>

#include <ATen/ATen.h>

#include <bisque/core/nn/init.h>
#include <bisque/core/nn/layers/text.h>
#include <bisque/ops3d/gather_scatter/gather_scatter.h>

namespace bisque {
namespace {

void init_weights(const GraphConvOptions& options, Linear& w0, Linear& w1) {
  for (Linear* linear : {&w0, &w1}) {
    if (options.init == GraphConvOptions::Init::kZero) {
      init::zeros_(linear->weight);
    } else {
      init::normal_(linear->weight, 0, 0.01);
      init::zeros_(linear->bias);
    }
  }
}

}  // namespace

GraphConv::GraphConv(int64_t input_dim, int64_t output_dim, const GraphConvOptions& options,
                     const at::TensorOptions& type)
    : input_dim(input_dim),
      output_dim(output_dim),
      options(options),
      w0(*this, "w0", input_dim, output_dim, LinearOptions{}, type),
      w1(*this, "w1", input_dim, output_dim, LinearOptions{}, type) {
  init_weights(options, *w0, *w1);
}

void GraphConv::reset_parameters() {
  w0->reset_parameters();
  w1->reset_parameters();
  init_weights(options, *w0, *w1);
}

at::Tensor GraphConv::forward(const at::Tensor& verts, const at::Tensor& edges) const {
  return w0(verts) + gather_scatter(w1(verts), edges, options.directed);
}

std::string GraphConv::extra_repr() const {
  return std::to_string(input_dim) + " -> " + std::to_string(output_dim) +
         ", directed=" + python_text(options.directed);
}

}  // namespace bisque
