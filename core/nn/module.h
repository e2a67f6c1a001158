// Includes what a Module class needs:
//
//   class Linear : public ModuleOf<Linear> {
//    public:
//     Linear(int64_t in, int64_t out)
//         : weight(*this, "weight", at::empty({out, in})), bias(*this, "bias", at::zeros({out})) {}
//     at::Tensor forward(const at::Tensor& x) const { return at::linear(x, weight, bias); }
//     Parameter weight, bias;
//   };
#pragma once
#include <bisque/core/nn/child.h>
#include <bisque/core/nn/entry.h>
#include <bisque/core/nn/module_base.h>
#include <bisque/core/nn/module_of.h>
#include <bisque/core/nn/parameter.h>
