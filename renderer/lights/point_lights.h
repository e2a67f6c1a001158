// PointLights: lights at points.
#pragma once
#include <bisque/renderer/lights/lights.h>

namespace bisque {

/// Lights at `location` [N, 3]:
///
///   PointLights({0, 2, 3}, {.diffuse_color = {1, 0.9, 0.8}})
///
/// Errors: shapes, dtypes or devices that do not match.
class PointLights : public ModuleOf<PointLights, Lights> {
 public:
  explicit PointLights(const BatchValue& location = {0, 1, 0}, const LightColors& colors = {});

  at::Tensor positions() const override;

  Buffer location;  // [N, 3]

 private:
  PointLights(const BatchValue& location, const LightColors& colors, const ParameterBatch& batch);
};

}  // namespace bisque
