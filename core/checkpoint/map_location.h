// Where the tensors of a file go.
#pragma once
#include <c10/core/Device.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace bisque {

/// Error, as `what` begins it: the text names no device of this torch.
c10::Device device_of(const std::string& text, const std::string& what);

/// From the place that a tensor was saved from ("cpu", "cuda:1") to a device, as torch.load's map_location. By default
/// that place.
class MapLocation {
 public:
  using Function = std::function<std::optional<c10::Device>(const std::string& location)>;

  MapLocation() = default;
  // NOLINTBEGIN(google-explicit-constructor): load(path, {.map_location = "cpu"})
  MapLocation(c10::Device device) : function_([device](const std::string&) { return device; }) {}
  MapLocation(c10::DeviceType device) : MapLocation(c10::Device(device)) {}
  /// Error: it names no device.
  MapLocation(const char* device) : MapLocation(std::string(device)) {}
  MapLocation(const std::string& device);
  /// A place that it does not name stays.
  MapLocation(std::map<std::string, std::string> places);
  /// Where it returns nothing, the place stays.
  MapLocation(Function function) : function_(std::move(function)) {}
  // NOLINTEND(google-explicit-constructor)

  /// Error: the place is no device.
  c10::Device operator()(const std::string& location) const;

 private:
  Function function_;
};

}  // namespace bisque
