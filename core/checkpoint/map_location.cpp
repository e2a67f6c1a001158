#include <bisque/core/checkpoint/map_location.h>

#include <c10/util/Exception.h>

#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

c10::Device place(const std::string& location) { return device_of(location, "map_location: the place of tensors"); }

}  // namespace

c10::Device device_of(const std::string& text, const std::string& what) {
  try {
    return c10::Device(text);
  } catch (const c10::Error&) {
    fail(what, " is ", quoted_text(text), ", expected a device of this torch, like \"cpu\" or \"cuda:0\".");
  }
}

MapLocation::MapLocation(const std::string& device) : MapLocation(place(device)) {}

MapLocation::MapLocation(std::map<std::string, std::string> places)
    : function_([places = std::move(places)](const std::string& location) -> std::optional<c10::Device> {
        const auto found = places.find(location);
        if (found == places.end()) return std::nullopt;
        return place(found->second);
      }) {}

c10::Device MapLocation::operator()(const std::string& location) const {
  if (function_) {
    if (const auto device = function_(location)) return *device;
  }
  return place(location);
}

}  // namespace bisque
