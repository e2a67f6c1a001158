#include <bisque/core/data/on_device.h>

#include <ATen/core/Tensor.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace bisque::data {

CopyStream::CopyStream(c10::Device device) : device_(device) {
  if (device_.is_cpu()) return;
  const c10::impl::VirtualGuardImpl devices(device_.type());
  if (!device_.has_index()) device_ = devices.getDevice();
  stream_ = devices.getStreamFromGlobalPool(device_);
  done_.emplace(device_.type());
}

at::Tensor CopyStream::copied(const at::Tensor& tensor) const {
  if (!tensor.defined() || tensor.device() == device_) return tensor;
  if (!stream_) return tensor.to(device_);
  const c10::StreamGuard guard(*stream_);
  return tensor.to(device_, /*non_blocking=*/true);
}

void CopyStream::mark() {
  if (stream_) done_->record(*stream_);
}

void CopyStream::wait() const {
  if (stream_) done_->block(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
}

void CopyStream::keep(const at::Tensor& tensor) const {
  // The allocator does not reuse the memory before the consumer's stream has finished with it.
  if (stream_ && tensor.defined() && tensor.device() == device_) {
    tensor.record_stream(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
  }
}

}  // namespace bisque::data
