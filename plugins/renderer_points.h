// Internal. The Modules of points and fields by name, for the plugin renderer.
#pragma once
#include <bisque/core/registry/module_plugin.h>

namespace bisque {

void add_points_and_implicit(ModulePlugin& plugin);

}  // namespace bisque
