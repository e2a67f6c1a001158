// DepthGrayShader: depth as brightness.
#pragma once
#include <bisque/renderer/cameras/cameras.h>
#include <bisque/renderer/shaders/shader.h>

namespace bisque {

/// Depths along the camera's axis, in world space.
struct DepthRange {
  double nearest = 0, farthest = 1;
};

/// The depths of verts [V, 3] for the first camera. Error: no vertex.
DepthRange depth_range(const at::Tensor& verts, const Cameras& camera);

/// Gray that falls linearly from 1 at the nearest depth to 0 at the farthest, and is clipped outside; 1 everywhere if
/// the range has no length. Differentiable with respect to the depth.
class DepthGrayShader : public ModuleOf<DepthGrayShader, OpaqueShader> {
 public:
  explicit DepthGrayShader(const DepthRange& range) : range_(range) {}

  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;
  Encoding encoding() const override { return Encoding::kLinear; }
  const DepthRange& range() const { return range_; }

 private:
  DepthRange range_;
};

}  // namespace bisque
