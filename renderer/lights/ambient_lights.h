// AmbientLights: light from all sides.
#pragma once
#include <bisque/renderer/lights/lights.h>

namespace bisque {

/// Light from all sides, of `ambient_color` [N, 3]. diffuse and specular are 0. Error: another shape.
class AmbientLights : public ModuleOf<AmbientLights, Lights> {
 public:
  explicit AmbientLights(const BatchValue& ambient_color = 1.0);

  at::Tensor positions() const override { return {}; }
};

}  // namespace bisque
