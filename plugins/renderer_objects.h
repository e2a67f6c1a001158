// Internal.
#pragma once
#include <bisque/core/registry/module_plugin.h>

namespace bisque {

/// What the Modules of the renderer take and return, for Python: scenes, textures, fragments, rays.
void add_renderer_objects(ModulePlugin& plugin);

}  // namespace bisque
