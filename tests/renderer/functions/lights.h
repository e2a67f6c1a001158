// Lights and materials made from Python: see lights.cpp.
#pragma once
#include <bisque/renderer/lights/lights.h>
#include <bisque/renderer/lights/materials.h>
#include <bisque/tests/ops3d/functions/holder.h>

#include "named_values.h"

namespace bisque {

using AnyLights = std::shared_ptr<const Lights>;
using AnyMaterials = std::shared_ptr<const Materials>;

AnyLights make_lights(const std::string& kind, const Tensors& values);
AnyMaterials make_materials(const Tensors& values);

}  // namespace bisque
