// WhiteModelRenderer: a Module that renders pictures from blendshape coefficients.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>

#include <bisque/core/nn/module.h>
#include <bisque/renderer/cameras/fit_camera.h>
#include <bisque/renderer/mesh/blendshape_model.h>
#include <bisque/renderer/mesh/mesh_renderer.h>

namespace bisque {

struct RenderSettings {
  int64_t height = 512;
  int64_t width = 512;
  int64_t samples = 4;  // per pixel: 1, 4 or 16
};

/// The memory that rendering one picture takes, in bytes.
double picture_bytes(const RenderSettings& settings);

/// A MeshRenderer of a model: coefficients [N, S] and pose -> model -> normals -> camera -> rasterizer -> shader ->
/// pictures [N, H, W, 4] in linear light, colour premultiplied by the coverage in the last channel. Vertices that a
/// seam splits (BlendshapeModel::normal_verts) share a normal. Between model and shader, lengths are in units of the
/// model's size (model_unit), so the picture does not depend on the model's unit. Without a shader it has a
/// StudioShader; with another one the pictures are what that shader makes. The scene that the shader gets has no lights
/// of its own.
class WhiteModelRenderer : public ModuleOf<WhiteModelRenderer> {
 public:
  WhiteModelRenderer(std::shared_ptr<BlendshapeModel> model, std::shared_ptr<FoVPerspectiveCameras> camera,
                     const RenderSettings& settings = {}, std::shared_ptr<Shader> shader = nullptr);

  at::Tensor forward(const at::Tensor& coefficients, const Pose& pose = {}) const;
  const RenderSettings& settings() const { return settings_; }

  Child<BlendshapeModel> model;
  Child<FoVPerspectiveCameras> camera;
  Child<MeshRenderer> renderer;
  // The faces around each vertex, for the normals.
  Buffer vert_faces_offsets;
  Buffer vert_faces;
  Buffer normal_faces;  // [F, 3] the faces with normal_verts in place of their vertices; undefined without seams

 private:
  struct Surface;  // depends on the model's topology and size
  static Surface surface_of(const BlendshapeModel& model);
  WhiteModelRenderer(std::shared_ptr<BlendshapeModel> model, std::shared_ptr<FoVPerspectiveCameras> camera,
                     const RenderSettings& settings, std::shared_ptr<Shader> shader, const Surface& surface);
  at::Tensor normals_of(const at::Tensor& verts) const;

  double unit_;  // of lengths between model and shader
  RenderSettings settings_;
};

}  // namespace bisque
