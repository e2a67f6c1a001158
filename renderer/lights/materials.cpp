#include <ATen/ATen.h>

#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/lights/materials.h>

namespace bisque {

Materials::Materials(const MaterialsOptions& options)
    : Materials(options, ParameterBatch("Materials", {{"ambient_color", options.ambient_color, 1},
                                                      {"diffuse_color", options.diffuse_color, 1},
                                                      {"specular_color", options.specular_color, 1},
                                                      {"shininess", options.shininess}})) {}

Materials::Materials(const MaterialsOptions& options, const ParameterBatch& batch)
    : ambient_color(*this, "ambient_color", batch.get("ambient_color", options.ambient_color, {3})),
      diffuse_color(*this, "diffuse_color", batch.get("diffuse_color", options.diffuse_color, {3})),
      specular_color(*this, "specular_color", batch.get("specular_color", options.specular_color, {3})),
      shininess(*this, "shininess", batch.get("shininess", options.shininess)) {}

}  // namespace bisque
