// The state of torch's random number generators.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace bisque {

/// The equivalent of torch.get_rng_state() or torch.cuda.get_rng_state(): the state of a device's default generator, as
/// a uint8 tensor on the CPU. Error: there is no such device.
at::Tensor rng_state(c10::Device device = c10::kCPU);

/// Restores such a state, from C++ or Python. Error: it is not a state of this device's generator, which does not
/// change then.
void load_rng_state(const at::Tensor& state, c10::Device device = c10::kCPU);

}  // namespace bisque
