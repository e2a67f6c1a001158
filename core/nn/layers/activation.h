// Activations, like those of torch.nn: elementwise except for Softmax and LogSoftmax.
#pragma once
#include <bisque/core/nn/module.h>

namespace bisque {

/// Base of activations that can write their result over their input.
class InplaceActivation : public Module {
 public:
  explicit InplaceActivation(bool inplace = false) : inplace(inplace) {}
  std::string extra_repr() const override { return inplace ? "inplace=True" : ""; }

  const bool inplace;

 protected:
  InplaceActivation(const InplaceActivation&) = default;
};

/// max(x, 0)
class ReLU : public ModuleOf<ReLU, InplaceActivation> {
 public:
  using ModuleOf::ModuleOf;
  at::Tensor forward(at::Tensor x) const;
};

/// min(max(x, 0), 6)
class ReLU6 : public ModuleOf<ReLU6, InplaceActivation> {
 public:
  using ModuleOf::ModuleOf;
  at::Tensor forward(at::Tensor x) const;
};

/// x * sigmoid(x)
class SiLU : public ModuleOf<SiLU, InplaceActivation> {
 public:
  using ModuleOf::ModuleOf;
  at::Tensor forward(at::Tensor x) const;
};

/// x * tanh(softplus(x))
class Mish : public ModuleOf<Mish, InplaceActivation> {
 public:
  using ModuleOf::ModuleOf;
  at::Tensor forward(at::Tensor x) const;
};

/// x * relu6(x + 3) / 6
class Hardswish : public ModuleOf<Hardswish, InplaceActivation> {
 public:
  using ModuleOf::ModuleOf;
  at::Tensor forward(at::Tensor x) const;
  std::string extra_repr() const override { return ""; }  // like torch's
};

/// Keeps the mean and variance of its inputs (Klambauer et al., 2017).
class SELU : public ModuleOf<SELU, InplaceActivation> {
 public:
  using ModuleOf::ModuleOf;
  at::Tensor forward(at::Tensor x) const;
};

/// x if positive, else negative_slope * x
class LeakyReLU : public ModuleOf<LeakyReLU> {
 public:
  explicit LeakyReLU(double negative_slope = 0.01, bool inplace = false)
      : negative_slope(negative_slope), inplace(inplace) {}
  at::Tensor forward(at::Tensor x) const;
  std::string extra_repr() const override;

  const double negative_slope;
  const bool inplace;
};

/// x if positive, else alpha * (exp(x) - 1)
class ELU : public ModuleOf<ELU> {
 public:
  explicit ELU(double alpha = 1, bool inplace = false) : alpha(alpha), inplace(inplace) {}
  at::Tensor forward(at::Tensor x) const;
  std::string extra_repr() const override;

  const double alpha;
  const bool inplace;
};

/// A leaky ReLU with a learned slope: one, or one per channel (dimension 1).
class PReLU : public ModuleOf<PReLU> {
 public:
  explicit PReLU(int64_t num_parameters = 1, double init = 0.25, const at::TensorOptions& type = {});
  at::Tensor forward(const at::Tensor& x) const;
  std::string extra_repr() const override { return "num_parameters=" + std::to_string(num_parameters); }

  const int64_t num_parameters;
  Parameter weight;
};

/// x * Phi(x), exact or with tanh
class GELU : public ModuleOf<GELU> {
 public:
  enum class Approximate { kNone, kTanh };
  explicit GELU(Approximate approximate = Approximate::kNone) : approximate(approximate) {}
  at::Tensor forward(const at::Tensor& x) const;
  std::string extra_repr() const override;

  const Approximate approximate;
};

/// log(1 + exp(beta x)) / beta, and x itself if beta x > threshold
class Softplus : public ModuleOf<Softplus> {
 public:
  explicit Softplus(double beta = 1, double threshold = 20) : beta(beta), threshold(threshold) {}
  at::Tensor forward(const at::Tensor& x) const;
  std::string extra_repr() const override;

  const double beta, threshold;
};

class Sigmoid : public ModuleOf<Sigmoid> {
 public:
  at::Tensor forward(const at::Tensor& x) const;
};

class Tanh : public ModuleOf<Tanh> {
 public:
  at::Tensor forward(const at::Tensor& x) const;
};

class Softmax : public ModuleOf<Softmax> {
 public:
  explicit Softmax(int64_t dim) : dim(dim) {}
  at::Tensor forward(const at::Tensor& x) const;
  std::string extra_repr() const override { return "dim=" + std::to_string(dim); }

  const int64_t dim;
};

class LogSoftmax : public ModuleOf<LogSoftmax> {
 public:
  explicit LogSoftmax(int64_t dim) : dim(dim) {}
  at::Tensor forward(const at::Tensor& x) const;
  std::string extra_repr() const override { return "dim=" + std::to_string(dim); }

  const int64_t dim;
};

/// Returns its input.
class Identity : public ModuleOf<Identity> {
 public:
  at::Tensor forward(const at::Tensor& x) const { return x; }
};

/// Joins dimensions start_dim to end_dim.
class Flatten : public ModuleOf<Flatten> {
 public:
  explicit Flatten(int64_t start_dim = 1, int64_t end_dim = -1) : start_dim(start_dim), end_dim(end_dim) {}
  at::Tensor forward(const at::Tensor& x) const;
  std::string extra_repr() const override {
    return "start_dim=" + std::to_string(start_dim) + ", end_dim=" + std::to_string(end_dim);
  }

  const int64_t start_dim, end_dim;
};

}  // namespace bisque
