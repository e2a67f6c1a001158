// The state of libtorch's optimizers, in the format of Python's torch.optim.
#pragma once
#include <bisque/core/value.h>

namespace torch::optim {
class Optimizer;
}

namespace bisque {

/// The equivalent of Python's optimizer.state_dict(): {"state": {0: {"step": ..., "exp_avg": ...}, ...},
/// "param_groups": [{"lr": ..., "params": [0, 1]}]}, with parameters numbered through all groups. Tensors share their
/// memory with the optimizer's. Supports Adagrad, Adam, AdamW, LBFGS, RMSprop and SGD. Error: another optimizer.
Value optimizer_state(const torch::optim::Optimizer& optimizer);

/// Loads such a state, from C++ or Python, and the options of each group: tensors are copied to the device and dtype of
/// their parameter; an option that is missing in the state does not change. Errors: another optimizer; another number
/// of groups or parameters; a value that is missing or has another type; sizes other than the parameter's. Nothing has
/// changed then.
void load_optimizer_state(torch::optim::Optimizer& optimizer, const Value& state);

}  // namespace bisque
