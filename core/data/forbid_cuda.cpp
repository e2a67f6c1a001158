#include <bisque/core/data/forbid_cuda.h>

#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <cstdlib>

#include <bisque/core/error.h>

namespace bisque::data {
namespace {

/// Every op on a CUDA device requests a guard of it.
struct NoCuda final : c10::impl::DeviceGuardImplInterface {
  [[noreturn]] static void reject() {
    fail(
        "a worker process cannot use CUDA, which does not survive a fork; expected samples on the CPU, and batches "
        "that are moved by on_device or to_device, or workers that are threads.");
  }
  c10::DeviceType type() const override { return c10::DeviceType::CUDA; }
  c10::Device exchangeDevice(c10::Device) const override { reject(); }
  c10::Device getDevice() const override { reject(); }
  void setDevice(c10::Device) const override { reject(); }
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::Stream getStream(c10::Device) const override { reject(); }
  c10::Stream exchangeStream(c10::Stream) const override { reject(); }
  c10::DeviceIndex deviceCount() const noexcept override { return 0; }
};

}  // namespace

void forbid_cuda() {
  // CUDA state of the parent cannot be used here; this keeps the process from initializing CUDA.
  setenv("CUDA_VISIBLE_DEVICES", "", 1);
  static const NoCuda no_cuda;
  const c10::impl::DeviceGuardImplRegistrar replaces(c10::DeviceType::CUDA, &no_cuda);
}

}  // namespace bisque::data
