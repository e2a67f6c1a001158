// MeshRenderer: a rasterizer and a shader.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>

#include <bisque/core/nn/module.h>
#include <bisque/renderer/mesh/mesh_rasterizer.h>
#include <bisque/renderer/shaders/shader.h>

namespace bisque {

/// Pictures of meshes: rasterizes what the cameras see, and shades it.
///
///   MeshRenderer renderer(std::make_shared<MeshRasterizer>(options), std::make_shared<SoftPhongShader>());
///   const at::Tensor images = renderer(meshes, textures, cameras, lights, materials);   // [N, H, W, 4]
///
/// B meshes and N = B V cameras give N pictures; picture b V + v is mesh b seen by camera b V + v; a single camera sees
/// all meshes. Faces, normals and textures are not copied for the cameras. Differentiable by verts, textures, cameras,
/// lights and materials, on every device. The rasterizer's options are used with these changes: cameras that are not
/// perspective interpolate linearly (perspective_correct is false); without z_clip, perspective cameras with a near
/// plane clip at half its distance, as in PyTorch3D, and orthographic ones at the depth 0. Errors: no cameras, or a
/// number of them that is no multiple of the meshes'; several samples for a shader that does not average them.
class MeshRenderer : public ModuleOf<MeshRenderer> {
 public:
  MeshRenderer(std::shared_ptr<MeshRasterizer> rasterizer, std::shared_ptr<Shader> shader);

  at::Tensor forward(const Scene& scene) const;
  at::Tensor forward(const Meshes& meshes, const std::shared_ptr<const Textures>& textures,
                     const std::shared_ptr<const Cameras>& cameras, const LightList& lights = {},
                     const std::shared_ptr<const Materials>& materials = nullptr) const {
    return forward(Scene{meshes, textures, cameras, lights, materials});
  }
  /// What the cameras see, without shading.
  Fragments rasterize(const Scene& scene) const;

  Child<MeshRasterizer> rasterizer;
  Child<Shader> shader;
};

/// The packed verts of B meshes as N = B V cameras see them, [V, sum V, 3]: see Cameras::forward.
at::Tensor project_verts(const Meshes& meshes, const Cameras& cameras, double unit = 1);

}  // namespace bisque
