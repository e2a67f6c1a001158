#include <ATen/ATen.h>

#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/lights/ambient_lights.h>
#include <bisque/renderer/lights/directional_lights.h>
#include <bisque/renderer/lights/point_lights.h>

namespace bisque {
namespace {

ParameterBatch batch_of_light(const char* owner, const char* name, const BatchValue& place, const LightColors& colors) {
  return ParameterBatch(owner, {{name, place, 1},
                                {"ambient_color", colors.ambient_color, 1},
                                {"diffuse_color", colors.diffuse_color, 1},
                                {"specular_color", colors.specular_color, 1}});
}

/// [N, 3] with a fourth column.
at::Tensor with_column(const at::Tensor& xyz, double value) { return at::constant_pad_nd(xyz, {0, 1}, value); }

}  // namespace

PointLights::PointLights(const BatchValue& place, const LightColors& colors)
    : PointLights(place, colors, batch_of_light("PointLights", "location", place, colors)) {}

PointLights::PointLights(const BatchValue& place, const LightColors& colors, const ParameterBatch& batch)
    : ModuleOf(colors, batch), location(*this, "location", batch.get("location", place, {3})) {}

at::Tensor PointLights::positions() const { return with_column(location, 1); }

DirectionalLights::DirectionalLights(const BatchValue& towards, const LightColors& colors)
    : DirectionalLights(towards, colors, batch_of_light("DirectionalLights", "direction", towards, colors)) {}

DirectionalLights::DirectionalLights(const BatchValue& towards, const LightColors& colors, const ParameterBatch& batch)
    : ModuleOf(colors, batch), direction(*this, "direction", batch.get("direction", towards, {3})) {}

at::Tensor DirectionalLights::positions() const { return with_column(direction, 0); }

AmbientLights::AmbientLights(const BatchValue& color)
    : ModuleOf(LightColors{.ambient_color = color, .diffuse_color = 0, .specular_color = 0},
               ParameterBatch("AmbientLights", {{"ambient_color", color, 1}})) {}

}  // namespace bisque
