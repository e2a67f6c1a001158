// The Modules of tests/core/nn/parity_modules.py, in C++.
#pragma once
#include <ATen/ATen.h>

#include <string>
#include <tuple>

#include <bisque/core/nn/containers/module_dict.h>
#include <bisque/core/nn/containers/module_list.h>
#include <bisque/core/nn/containers/parameter_list.h>
#include <bisque/core/nn/containers/sequential.h>
#include <bisque/core/nn/module.h>

namespace bisque::parity {

struct Affine : ModuleOf<Affine> {
  Affine(int64_t in, int64_t out, bool with_bias = true)
      : weight(*this, "weight", at::ones({out, in})),
        bias(*this, "bias", with_bias ? at::zeros({out}) : at::Tensor()) {}
  at::Tensor forward(const at::Tensor& x) const { return at::linear(x, weight, bias); }
  std::string extra_repr() const override {
    return "in=" + std::to_string(weight.size(1)) + ", out=" + std::to_string(weight.size(0));
  }
  Parameter weight, bias;
};

struct Act : ModuleOf<Act> {
  at::Tensor forward(const at::Tensor& x) const { return x.relu(); }
};

struct Block : ModuleOf<Block> {
  Child<Affine> fc{*this, "fc", 2, 2};
  Child<Affine> shortcut{*this, "shortcut", nullptr};
  Buffer scale{*this, "scale", at::ones({1})};
  Buffer scratch{*this, "scratch", at::ones({1}), {.persistent = false}};
  Buffer none{*this, "none", at::Tensor()};
  std::string extra_repr() const override { return "first line\nsecond line"; }
};

struct Counter : ModuleOf<Counter> {
  Counter() : count(0) {}
  bool has_extra_state() const override { return true; }
  Value get_extra_state() const override { return count; }
  void set_extra_state(const Value& state) override { count = state.as<int64_t>(); }
  int64_t state_version() const override { return 3; }
  int64_t count;
};

struct Net : ModuleOf<Net> {
  Parameter w{*this, "w", at::ones({3})};
  Child<Block> a{*this, "a"};
  Child<Block> b{*this, "b", a.ptr()};
  Child<Counter> counter{*this, "counter"};
  Child<Sequential> seq{*this, "seq", Affine(2, 3), Act(), Affine(3, 2, false)};
  Child<ModuleList> list{*this, "list", Affine(2, 2), Affine(2, 2), Affine(2, 2), Act(), Affine(2, 2)};
  Child<ModuleDict> dict{*this, "dict"};
  Child<ParameterList> parameters_list{*this, "parameters_list"};
  Child<ParameterDict> parameters_dict{*this, "parameters_dict"};
  Parameter tied{*this, "tied", a->fc->weight};

  Net() {
    (*dict)["left"] = Affine(1, 2);
    (*dict)["right"] = Act();
    parameters_list->append(at::ones({2, 3}));
    parameters_list->append(at::ones({}, at::kDouble));
    parameters_dict->set("gain", at::ones({4}));
  }
};

/// forward(x, y) -> (x w + y, 3 y)
struct Traced : ModuleOf<Traced> {
  Parameter w{*this, "w", at::full({1}, 2.0)};
  std::tuple<at::Tensor, at::Tensor> forward(const at::Tensor& x, const at::Tensor& y) const {
    return {x * w + y, y * 3};
  }
};

struct Doubled : ModuleOf<Doubled> {
  at::Tensor forward(const at::Tensor& x) const { return x * 2; }
};

struct Failing : ModuleOf<Failing> {
  at::Tensor forward(const at::Tensor&) const { fail("forward failed"); }
};

}  // namespace bisque::parity
