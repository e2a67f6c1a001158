// Internal. Stands in for gloo's header, which torch's wheels lack; see core/distributed/gloo_backend.cpp.
#pragma once
#include <string>

namespace gloo::transport {

class UnboundBuffer;

/// The first virtual functions, in gloo's order.
class Device {
 public:
  virtual ~Device() = 0;
  virtual std::string str() const = 0;
};

}  // namespace gloo::transport
