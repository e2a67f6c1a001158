// Gradients by declaration: an op and the op that gives its gradient, tied by the names in their schemas.
#pragma once
#include <torch/library.h>

#include <string>

namespace bisque {

/// Gives `op` a gradient: registers a kernel on the Autograd key of both ops, into `library` (which must be of their
/// namespace). The backward op's arguments are named
///   grad_R         the gradient of the result R of `op`, zeros where there is none
///   as an argument or a result of `op`: its value
///   need_grad_A    bool: whether the gradient of the argument A is wanted
/// and its results grad_A, for each tensor argument A that has a gradient. Results of `op` without grad_R are not
/// differentiable. The backward op itself has no gradient: to ask for a second one is an error. Error: a name that fits
/// nothing.
void tie_gradient(torch::Library& library, const std::string& op, const std::string& backward);

/// Says that `op` is not differentiable: its results have no gradient, in silence.
void tie_no_gradient(torch::Library& library, const std::string& op);

}  // namespace bisque
