// Internal. The shaders and the mesh renderer, by name.
#pragma once
#include <bisque/core/registry/module_plugin.h>

namespace bisque {

void add_shaders(ModulePlugin& plugin);

}  // namespace bisque
