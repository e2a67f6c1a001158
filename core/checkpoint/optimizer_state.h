// The state of libtorch's optimizers, in the form of Python's torch.optim.
#pragma once
#include <bisque/core/value.h>

namespace torch::optim {
class Optimizer;
}

namespace bisque {

/// What Python's optimizer.state_dict() gives: {"state": {0: {"step": ..., "exp_avg": ...}, ...}, "param_groups":
/// [{"lr": ..., "params": [0, 1]}]}, where parameters are numbered through all groups. Tensors share their memory with
/// the optimizer's. Adagrad, Adam, AdamW, LBFGS, RMSprop and SGD. Error: another optimizer.
Value optimizer_state(const torch::optim::Optimizer& optimizer);

/// Takes over such a state, of this program or of Python, and the options of each group: tensors are copied to the
/// device and dtype of their parameter, an option that the state does not tell stays. Errors: another optimizer; groups
/// or parameters of another number; a value that is missing or of another type; sizes other than the parameter's.
/// Nothing has changed then.
void load_optimizer_state(torch::optim::Optimizer& optimizer, const Value& state);

}  // namespace bisque
