#include <bisque/core/checkpoint/rng_state.h>

#include <ATen/Context.h>

#include <mutex>

#include <bisque/core/error.h>

namespace bisque {
namespace {

at::Generator generator_of(c10::Device device) {
  try {
    return at::globalContext().defaultGenerator(device);
  } catch (const c10::Error& error) {
    fail("rng_state: ", device.str(), " has no generator here (", error.what_without_backtrace(), ").");
  }
}

}  // namespace

at::Tensor rng_state(c10::Device device) {
  at::Generator generator = generator_of(device);
  const std::lock_guard lock(generator.mutex());
  return generator.get_state();
}

void load_rng_state(const at::Tensor& state, c10::Device device) {
  at::Generator generator = generator_of(device);
  if (!state.defined()) fail("load_rng_state: expected a tensor of uint8, as rng_state() gives, but got none.");
  const at::Tensor bytes = state.cpu().contiguous();
  const std::lock_guard lock(generator.mutex());
  try {
    generator.set_state(bytes);
  } catch (const c10::Error& error) {
    fail("load_rng_state: expected the state of a generator of ", device.str(), ", as rng_state() gives it (",
         error.what_without_backtrace(), ").");
  }
}

}  // namespace bisque
