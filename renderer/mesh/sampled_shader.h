// SampledShader: the base of shaders of opaque surfaces that average the samples of a pixel.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include <bisque/core/nn/module.h>
#include <bisque/renderer/mesh/mesh_rasterizer.h>
#include <bisque/renderer/mesh/to_picture.h>

namespace bisque {

/// Shades the nearest face of each sample. WhiteModelRenderer takes any of them.
class SampledShader : public ModuleOf<SampledShader> {
 public:
  /// World verts and normals [N, V, 3], faces [F, 3], fragments with one face per sample, camera_position [N, 3] ->
  /// [N, H, W, 4]: values premultiplied by the coverage, and the coverage; `samples` along each side of a pixel are
  /// averaged. `unit` is the length in world space of 1 in verts, camera_position and depths.
  virtual at::Tensor forward(const at::Tensor& verts, const at::Tensor& normals, const at::Tensor& faces,
                             const Fragments& fragments, const at::Tensor& camera_position, int64_t samples = 1,
                             double unit = 1) const = 0;

  /// How to_picture encodes the values.
  virtual Encoding encoding() const { return Encoding::kSrgb; }
};

}  // namespace bisque
