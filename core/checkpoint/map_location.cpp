#include <bisque/core/checkpoint/map_location.h>

#include <c10/util/Exception.h>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

c10::Device device_of(const std::string& location) {
  try {
    return c10::Device(location);
  } catch (const c10::Error&) {
    fail("expected a place of tensors to be a device of torch, but got ", quoted_text(location),
         "; say where they go by map_location.");
  }
}

}  // namespace

MapLocation::MapLocation(const char* device) : MapLocation(device_of(device)) {}

MapLocation::MapLocation(std::map<std::string, std::string> places)
    : function_([places = std::move(places)](const std::string& location) -> std::optional<c10::Device> {
        const auto found = places.find(location);
        if (found == places.end()) return std::nullopt;
        return device_of(found->second);
      }) {}

c10::Device MapLocation::operator()(const std::string& location) const {
  if (function_) {
    if (const auto device = function_(location)) return *device;
  }
  return device_of(location);
}

}  // namespace bisque
