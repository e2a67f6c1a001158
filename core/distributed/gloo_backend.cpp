// torch's wheels contain ProcessGroupGloo and its header, but not gloo's headers. gloo_headers/ declares what that
// header needs of gloo, whose types appear only behind pointers; all code of gloo and of the backend is libtorch's.
// This is the only source that includes them, and no vtable of them may be emitted here
// (tests/core/distributed/symbols_test.py).
#include <bisque/core/distributed/gloo_backend.h>

#define USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

namespace bisque {
namespace {

/// The text between two marks of gloo's description: "tcp, pci=, iface=lo, speed=-1, addr=[127.0.0.1]".
std::string between(const std::string& text, const std::string& start, const std::string& end) {
  const size_t at = text.find(start);
  if (at == std::string::npos) return "?";
  const size_t from = at + start.size();
  return text.substr(from, text.find(end, from) - from);
}

}  // namespace

std::shared_ptr<gloo::transport::Device> open_gloo_interface(const std::string& name) {
  return c10d::ProcessGroupGloo::createDeviceForInterface(name);
}

std::shared_ptr<gloo::transport::Device> open_gloo_address(const std::string& address) {
  return c10d::ProcessGroupGloo::createDeviceForHostname(address);
}

BoundAddress bound_address(const gloo::transport::Device& device) {
  const std::string text = device.str();
  return {between(text, "iface=", ","), between(text, "addr=[", "]")};
}

c10::intrusive_ptr<c10d::Backend> connect_gloo(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                               const GlooDevices& devices, std::chrono::milliseconds timeout) {
  const auto options = c10d::ProcessGroupGloo::Options::create(timeout);
  options->devices = devices;
  options->threads = 2;
  return c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, options);
}

}  // namespace bisque
