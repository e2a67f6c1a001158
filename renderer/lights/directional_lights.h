// DirectionalLights: lights far away.
#pragma once
#include <bisque/renderer/lights/lights.h>

namespace bisque {

/// Lights far away in the direction `direction` [N, 3], which points towards them and need not be a unit vector.
/// Errors: shapes, dtypes or devices that do not match.
class DirectionalLights : public ModuleOf<DirectionalLights, Lights> {
 public:
  explicit DirectionalLights(const BatchValue& direction = {0, 1, 0}, const LightColors& colors = {});

  at::Tensor positions() const override;

  Buffer direction;  // [N, 3]

 private:
  DirectionalLights(const BatchValue& direction, const LightColors& colors, const ParameterBatch& batch);
};

}  // namespace bisque
