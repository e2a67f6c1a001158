// The state of torch's random numbers.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace bisque {

/// What torch.get_rng_state() gives, or torch.cuda.get_rng_state(): the state of torch's own generator of a device, as
/// a uint8 tensor on the CPU. Error: there is no such device here.
at::Tensor rng_state(c10::Device device = c10::kCPU);

/// Goes on from such a state, of this program or of Python. Error: it is none of a generator of this device; the
/// generator is as it was then.
void load_rng_state(const at::Tensor& state, c10::Device device = c10::kCPU);

}  // namespace bisque
