// Internal.
#pragma once
#include <bisque/core/registry/module_plugin.h>

namespace bisque {

/// Cameras, lights and materials by name.
void add_cameras_and_lights(ModulePlugin& plugin);

}  // namespace bisque
