// Module: a tree of parameters, buffers and children with names, in the manner of torch.nn.Module.
#pragma once
#include <ATen/core/Tensor.h>

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bisque {

template <class T>
using Named = std::vector<std::pair<std::string, T>>;

/// Base of every Module. A derived class holds Parameter, Buffer and Child members, which register themselves, and has
/// a forward with typed arguments; `operator()` of a derived class calls it. Names: not empty, no dot, unique among the
/// parameters, buffers and children of one Module.
class Module {
 public:
  Module() = default;
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  /// Registers a tensor under a name and returns the registered tensor. Error: a bad or taken name, an undefined
  /// tensor, a parameter of a dtype that has no gradient.
  at::Tensor& register_parameter(const std::string& name, at::Tensor value, bool requires_grad = true);
  at::Tensor& register_buffer(const std::string& name, at::Tensor value);
  void register_module(const std::string& name, std::shared_ptr<Module> child);

  /// By registration, this Module's first, then the children's with dotted names. A tensor that is registered twice is
  /// listed once.
  Named<at::Tensor> named_parameters(bool recurse = true) const;
  Named<at::Tensor> named_buffers(bool recurse = true) const;
  Named<std::shared_ptr<Module>> named_children() const { return children_; }
  std::vector<at::Tensor> parameters(bool recurse = true) const;
  std::vector<at::Tensor> buffers(bool recurse = true) const;

  /// Calls `visit` on the children first, then on this Module.
  void apply(const std::function<void(Module&)>& visit);

  /// Training mode, for this Module and all below it.
  void train(bool on = true);
  void eval() { train(false); }
  bool is_training() const { return training_; }
  void requires_grad_(bool on = true);
  void zero_grad();

  /// Moves all parameters and buffers; integer and bool tensors keep their dtype. The tensors keep their identity, so
  /// optimizers and members still hold them.
  void to(at::Device device) { convert(device, std::nullopt); }
  void to(at::ScalarType dtype) { convert(std::nullopt, dtype); }
  void to(at::Device device, at::ScalarType dtype) { convert(device, dtype); }

 private:
  void check_name(const char* kind, const std::string& name) const;
  void convert(std::optional<at::Device> device, std::optional<at::ScalarType> dtype);
  template <class Visit>
  void walk(const std::string& prefix, bool recurse, const Visit& visit) const;

  Named<at::Tensor> parameters_;
  Named<at::Tensor> buffers_;
  Named<std::shared_ptr<Module>> children_;
  bool training_ = true;
};

/// A tensor member that registers itself as a parameter: `Parameter weight{*this, "weight", at::empty({out, in})};`.
class Parameter : public at::Tensor {
 public:
  Parameter(Module& owner, const std::string& name, at::Tensor value, bool requires_grad = true)
      : at::Tensor(owner.register_parameter(name, std::move(value), requires_grad)) {}
};

/// A tensor member that registers itself as a buffer: state that moves with the Module and has no gradient.
class Buffer : public at::Tensor {
 public:
  Buffer(Module& owner, const std::string& name, at::Tensor value)
      : at::Tensor(owner.register_buffer(name, std::move(value))) {}
};

/// A member that registers a Module as a child: `Child<Camera> camera{*this, "camera", fov};`.
template <std::derived_from<Module> M>
class Child {
 public:
  template <class... Args>
  Child(Module& owner, const std::string& name, Args&&... args)
      : Child(owner, name, std::make_shared<M>(std::forward<Args>(args)...)) {}
  Child(Module& owner, const std::string& name, std::shared_ptr<M> module) : module_(std::move(module)) {
    owner.register_module(name, module_);
  }

  M& operator*() const { return *module_; }
  M* operator->() const { return module_.get(); }
  const std::shared_ptr<M>& ptr() const { return module_; }
  template <class... Args>
  auto operator()(Args&&... args) const {
    return module_->forward(std::forward<Args>(args)...);
  }

 private:
  std::shared_ptr<M> module_;
};

}  // namespace bisque
