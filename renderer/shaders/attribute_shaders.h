// Shaders that show what a surface is, not how it is lit. The nearest face counts.
#pragma once
#include <bisque/renderer/shaders/shader.h>

namespace bisque {

struct NormalsShaderOptions {
  bool in_view_space = false;  // else in world space
  bool as_colors = false;      // (n + 1) / 2 in place of n
};

/// Unit normals, interpolated from the verts, and 1; 0 where no face is. -> [N, H, W, 4]
class NormalsShader : public ModuleOf<NormalsShader, Shader> {
 public:
  explicit NormalsShader(const NormalsShaderOptions& options = {}) : options_(options) {}
  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;

 private:
  NormalsShaderOptions options_;
};

/// The coordinates u and v of TexturesUV, 0, and 1; 0 where no face is or the face has no map. Error: other textures.
/// -> [N, H, W, 4]
class UVShader : public ModuleOf<UVShader, Shader> {
 public:
  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;
};

/// The index of the face in meshes.faces_packed(), or of the mesh; -1 where no face is. int64, not differentiable.
/// -> [N, H, W, 1]
class IDShader : public ModuleOf<IDShader, Shader> {
 public:
  explicit IDShader(bool of_meshes = false) : of_meshes_(of_meshes) {}
  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;

 private:
  bool of_meshes_;
};

}  // namespace bisque
