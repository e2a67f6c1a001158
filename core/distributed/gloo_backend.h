// Internal. torch's gloo backend, without gloo's types.
#pragma once
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace gloo::transport {
class Device;
}

namespace bisque {

using GlooDevices = std::vector<std::shared_ptr<gloo::transport::Device>>;

/// The device of a network interface of this machine. Error: gloo's.
std::shared_ptr<gloo::transport::Device> open_gloo_interface(const std::string& name);
/// The device that has an address of this machine. Error: gloo's.
std::shared_ptr<gloo::transport::Device> open_gloo_address(const std::string& address);

struct BoundAddress {
  std::string interface, address;
};
BoundAddress bound_address(const gloo::transport::Device& device);

/// Connects all ranks, which find each other by the store. Error: gloo's.
c10::intrusive_ptr<c10d::Backend> connect_gloo(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                               const GlooDevices& devices, std::chrono::milliseconds timeout);

}  // namespace bisque
