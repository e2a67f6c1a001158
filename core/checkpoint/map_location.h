// The device of each tensor that is loaded from a file.
#pragma once
#include <c10/core/Device.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace bisque {

/// Error, prefixed with `what`: the text is not a device of this torch.
c10::Device device_of(const std::string& text, const std::string& what);

/// Maps the location that a tensor was saved from ("cpu", "cuda:1") to a device, like torch.load's map_location. The
/// default is that location.
class MapLocation {
 public:
  using Function = std::function<std::optional<c10::Device>(const std::string& location)>;

  MapLocation() = default;
  // NOLINTBEGIN(google-explicit-constructor): load(path, {.map_location = "cpu"})
  MapLocation(c10::Device device) : function_([device](const std::string&) { return device; }) {}
  MapLocation(c10::DeviceType device) : MapLocation(c10::Device(device)) {}
  /// Error: it is not a device.
  MapLocation(const char* device) : MapLocation(std::string(device)) {}
  MapLocation(const std::string& device);
  /// Locations that are not listed do not change.
  MapLocation(std::map<std::string, std::string> places);
  /// If it returns nothing, the location does not change.
  MapLocation(Function function) : function_(std::move(function)) {}
  // NOLINTEND(google-explicit-constructor)

  /// Error: the location is not a device.
  c10::Device operator()(const std::string& location) const;

 private:
  Function function_;
};

}  // namespace bisque
