// A Module on all ranks of a group: the same state, and averaged gradients.
#pragma once
#include <vector>

#include <bisque/core/distributed/process_group.h>
#include <bisque/core/nn/module.h>
#include <bisque/core/nn/state_dict.h>

namespace bisque {

/// Each of these is a call of all ranks. Tensors are sent together, one message per dtype and device. Errors:
/// parameters or buffers that differ in name, shape or dtype between ranks, and those of ProcessGroup.

/// Copies the parameters and buffers of `root` to all ranks. A program calls it before training.
void broadcast_state(const Module& module, const ProcessGroup& group, int64_t root = 0);

/// Replaces floating point parameters and buffers by their mean over the ranks; others keep their values.
void average_state(const Module& module, const ProcessGroup& group);

/// Replaces the gradients of parameters by their mean over the ranks, between backward() and the optimizer's step. A
/// gradient that some ranks do not have counts as 0 there; one that no rank has stays undefined. Error: a gradient that
/// is sparse.
void average_gradients(const Module& module, const ProcessGroup& group);

/// The parameters and buffers of all ranks as copies, in the order of the ranks.
std::vector<StateDict> all_gather_state(const Module& module, const ProcessGroup& group);

}  // namespace bisque
