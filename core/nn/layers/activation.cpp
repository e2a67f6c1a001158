#include <bisque/core/nn/layers/activation.h>

#include <ATen/ATen.h>

#include <bisque/core/nn/layers/text.h>

namespace bisque {

// A Tensor is a handle: writing in place to a tensor passed by value changes the caller's data.
at::Tensor ReLU::forward(at::Tensor x) const { return inplace ? at::relu_(x) : at::relu(x); }
at::Tensor ReLU6::forward(at::Tensor x) const { return inplace ? at::hardtanh_(x, 0, 6) : at::hardtanh(x, 0, 6); }
at::Tensor SiLU::forward(at::Tensor x) const { return inplace ? at::silu_(x) : at::silu(x); }
at::Tensor Mish::forward(at::Tensor x) const { return inplace ? at::mish_(x) : at::mish(x); }
at::Tensor Hardswish::forward(at::Tensor x) const { return inplace ? at::hardswish_(x) : at::hardswish(x); }
at::Tensor SELU::forward(at::Tensor x) const { return inplace ? at::selu_(x) : at::selu(x); }

at::Tensor LeakyReLU::forward(at::Tensor x) const {
  return inplace ? at::leaky_relu_(x, negative_slope) : at::leaky_relu(x, negative_slope);
}

std::string LeakyReLU::extra_repr() const {
  return "negative_slope=" + python_text(negative_slope) + (inplace ? ", inplace=True" : "");
}

at::Tensor ELU::forward(at::Tensor x) const { return inplace ? at::elu_(x, alpha) : at::elu(x, alpha); }

std::string ELU::extra_repr() const { return "alpha=" + python_text(alpha) + (inplace ? ", inplace=True" : ""); }

PReLU::PReLU(int64_t num_parameters, double init, const at::TensorOptions& type)
    : num_parameters(num_parameters), weight(*this, "weight", at::full({num_parameters}, init, type)) {}

at::Tensor PReLU::forward(const at::Tensor& x) const { return at::prelu(x, weight); }

at::Tensor GELU::forward(const at::Tensor& x) const {
  return at::gelu(x, approximate == Approximate::kTanh ? "tanh" : "none");
}

std::string GELU::extra_repr() const {
  return std::string("approximate='") + (approximate == Approximate::kTanh ? "tanh" : "none") + "'";
}

at::Tensor Softplus::forward(const at::Tensor& x) const { return at::softplus(x, beta, threshold); }

std::string Softplus::extra_repr() const {
  return "beta=" + python_text(beta) + ", threshold=" + python_text(threshold);
}

at::Tensor Sigmoid::forward(const at::Tensor& x) const { return at::sigmoid(x); }
at::Tensor Tanh::forward(const at::Tensor& x) const { return at::tanh(x); }
at::Tensor Softmax::forward(const at::Tensor& x) const { return at::softmax(x, dim); }
at::Tensor LogSoftmax::forward(const at::Tensor& x) const { return at::log_softmax(x, dim); }
at::Tensor Flatten::forward(const at::Tensor& x) const { return at::flatten(x, start_dim, end_dim); }

}  // namespace bisque
