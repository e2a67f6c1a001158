// WhiteModelRenderer: the whole way from blendshape coefficients to pictures, as a Module.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>

#include <bisque/core/nn/module.h>
#include <bisque/renderer/cameras/cameras.h>
#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/mesh/mesh_rasterizer.h>
#include <bisque/renderer/mesh/phong_shader.h>

namespace bisque {

struct RenderSettings {
  int64_t height = 512;
  int64_t width = 512;
  int64_t samples = 4;  // a pixel: 1, 4 or 16
};

/// coefficients [N, S] and pose -> model -> normals -> camera -> rasterizer -> shader -> pictures [N, H, W, 4] in
/// linear light, colour premultiplied by the coverage in the last channel.
class WhiteModelRenderer : public ModuleOf<WhiteModelRenderer> {
 public:
  WhiteModelRenderer(std::shared_ptr<BlendshapeModel> model, std::shared_ptr<FoVPerspectiveCameras> camera,
                     const RenderSettings& settings = {}, std::shared_ptr<PhongShader> shader = nullptr);

  at::Tensor forward(const at::Tensor& coefficients, const Pose& pose = {}) const;

  Child<BlendshapeModel> model;
  Child<FoVPerspectiveCameras> camera;
  Child<MeshRasterizer> rasterizer;
  Child<PhongShader> shader;
  // The faces around each vertex, which the normals need.
  Buffer vert_first;
  Buffer vert_faces;

 private:
  WhiteModelRenderer(std::shared_ptr<BlendshapeModel> model, std::shared_ptr<FoVPerspectiveCameras> camera,
                     const RenderSettings& settings, std::shared_ptr<PhongShader> shader, struct VertFaces around);
  int64_t samples_;  // along each side of a pixel
};

}  // namespace bisque
