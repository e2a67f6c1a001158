// Internal. Declared gradients: links an op with its backward op by the names in their schemas.
#pragma once
#include <torch/library.h>

#include <string>

namespace bisque {

/// Gives `op` a gradient: registers a kernel for its Autograd key in `library` (which must have its namespace). The
/// names of the backward op's arguments mean:
///   grad_R         the gradient of the result R of `op`, zeros if there is none
///   an argument or result of `op`: its value
///   need_grad_A    bool: whether the gradient of the argument A is required
/// Its results are named grad_A, for each tensor argument A that has a gradient. Results of `op` without grad_R are not
/// differentiable. Double backward uses the gradient of the backward op: see below. Error: a name that matches nothing.
void link_gradient(torch::Library& library, const std::string& op, const std::string& backward);

/// Gives `op` the gradient of `composed`, an op with the same arguments and results that calls differentiable
/// operators. It replaces `op` only if a gradient is required.
void link_composition(torch::Library& library, const std::string& op, const std::string& composed);

/// Declares that the backward op has no gradient: double backward is an error.
void link_no_second_gradient(torch::Library& library, const std::string& backward);

/// Declares that `op` is not differentiable: its results silently have no gradient.
void link_no_gradient(torch::Library& library, const std::string& op);

}  // namespace bisque
