// Internal. Gradients by declaration: an op and the op that gives its gradient, tied by the names in their schemas.
#pragma once
#include <torch/library.h>

#include <string>

namespace bisque {

/// Gives `op` a gradient: registers a kernel on its Autograd key, into `library` (which must be of its namespace). The
/// backward op's arguments are named
///   grad_R         the gradient of the result R of `op`, zeros where there is none
///   as an argument or a result of `op`: its value
///   need_grad_A    bool: whether the gradient of the argument A is wanted
/// and its results grad_A, for each tensor argument A that has a gradient. Results of `op` without grad_R are not
/// differentiable. Second derivatives are those of the backward op: see below. Error: a name that fits nothing.
void tie_gradient(torch::Library& library, const std::string& op, const std::string& backward);

/// Gives `op` the gradient of `composed`, an op of the same arguments and results that calls differentiable operators.
/// It runs in the place of `op` where a gradient is asked for, and there alone.
void tie_composition(torch::Library& library, const std::string& op, const std::string& composed);

/// Says that the backward op has no gradient: to ask for a second derivative is an error.
void tie_no_second_gradient(torch::Library& library, const std::string& backward);

/// Says that `op` is not differentiable: its results have no gradient, in silence.
void tie_no_gradient(torch::Library& library, const std::string& op);

}  // namespace bisque
