#include "lights.h"

#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/lights/ambient_lights.h>
#include <bisque/renderer/lights/directional_lights.h>
#include <bisque/renderer/lights/point_lights.h>
#include <bisque/renderer/shaders/hard_rgb_blend.h>

namespace bisque {

AnyLights make_lights(const std::string& kind, const Tensors& values) {
  LightColors colors;
  take(colors.ambient_color, values, "ambient_color");
  take(colors.diffuse_color, values, "diffuse_color");
  take(colors.specular_color, values, "specular_color");
  BatchValue place = {0, 1, 0};
  take(place, values, kind == "point" ? "location" : "direction");
  if (kind == "point") return std::make_shared<PointLights>(place, colors);
  if (kind == "directional") return std::make_shared<DirectionalLights>(place, colors);
  if (kind == "ambient") {
    BatchValue color = 1;
    take(color, values, "ambient_color");
    return std::make_shared<AmbientLights>(color);
  }
  fail("no lights named ", kind);
}

AnyMaterials make_materials(const Tensors& values) {
  MaterialsOptions options;
  take(options.ambient_color, values, "ambient_color");
  take(options.diffuse_color, values, "diffuse_color");
  take(options.specular_color, values, "specular_color");
  take(options.shininess, values, "shininess");
  return std::make_shared<Materials>(options);
}

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  using at::Tensor;
  library.class_<HolderOf<AnyLights>>("Lights")
      .def(torch::init([](std::string kind, const Tensors& values) { return hold(make_lights(kind, values)); }))
      .def("size", [](const Held<AnyLights>& self) { return self->value->size(); })
      .def("get",
           [](const Held<AnyLights>& self, std::string name) {
             for (const auto& [known, tensor] : self->value->named_buffers({.remove_duplicate = false})) {
               if (known == name) return tensor;
             }
             fail("no buffer ", name);
           })
      .def("diffuse", [](const Held<AnyLights>& self, const Tensor& normals,
                         const Tensor& points) { return self->value->diffuse(normals, points); })
      .def("specular",
           [](const Held<AnyLights>& self, const Tensor& normals, const Tensor& points, const Tensor& camera_position,
              const Tensor& shininess) { return self->value->specular(normals, points, camera_position, shininess); });
  library.class_<HolderOf<AnyMaterials>>("Materials")
      .def(torch::init([](const Tensors& values) { return hold(make_materials(values)); }))
      .def("size", [](const Held<AnyMaterials>& self) { return self->value->size(); });
  library.def("hard_rgb_blend(Tensor colors, Tensor pix_to_face, Tensor background_color) -> Tensor", &hard_rgb_blend);
}

}  // namespace bisque
