// Modules shared by the tests of core/nn.
#pragma once
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <bisque/core/nn/module.h>
#include <bisque/tests/testing/errors.h>

namespace bisque::test {

struct TinyLinear : ModuleOf<TinyLinear> {
  TinyLinear(int64_t in, int64_t out, bool with_bias = true)
      : weight(*this, "weight", at::ones({out, in})),
        bias(*this, "bias", with_bias ? at::zeros({out}) : at::Tensor()) {}
  at::Tensor forward(const at::Tensor& x) const { return at::linear(x, weight, bias); }

  Parameter weight;  // [out, in]
  Parameter bias;    // [out] or None
};

struct Inner : ModuleOf<Inner> {
  Parameter weight{*this, "weight", at::ones({2, 3})};
  Buffer steps{*this, "steps", at::zeros({1}, at::kLong)};
  at::Tensor forward(const at::Tensor& x) const { return at::matmul(x, weight); }
};

struct Outer : ModuleOf<Outer> {
  Child<Inner> first{*this, "first"};
  Child<Inner> again{*this, "again", first.ptr()};
  Parameter bias{*this, "bias", at::zeros({3})};
  at::Tensor forward(const at::Tensor& x) const { return first(x) + bias; }
};

/// A Module whose only child is the next of a chain.
struct Link : ModuleOf<Link> {
  Parameter weight{*this, "weight", at::ones({1})};
  Child<Link> next{*this, "next", nullptr};
  at::Tensor forward(const at::Tensor& x) const { return x * weight; }
};

inline std::shared_ptr<Link> chain(int length) {
  std::shared_ptr<Link> head;
  for (int i = 0; i < length; ++i) {
    auto link = std::make_shared<Link>();
    link->next = head;
    head = link;
  }
  return head;
}

struct Empty : ModuleOf<Empty> {
  at::Tensor forward(const at::Tensor& x) const { return x; }
};

template <class T>
std::vector<std::string> names(const std::vector<std::pair<std::string, T>>& entries) {
  std::vector<std::string> all;
  for (const auto& entry : entries) all.push_back(entry.first);
  return all;
}

using Names = std::vector<std::string>;

}  // namespace bisque::test
