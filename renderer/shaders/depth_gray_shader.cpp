#include <bisque/renderer/shaders/depth_gray_shader.h>

#include <ATen/ATen.h>

#include <bisque/core/error.h>

namespace bisque {

DepthRange depth_range(const at::Tensor& verts, const Cameras& camera) {
  if (verts.numel() == 0) fail("depth_range: expected verts to have at least one vertex, but got ", verts.sizes());
  const at::Tensor depths = camera.transform_points_to_view(verts.unsqueeze(0)).select(0, 0).select(1, 2);
  return {depths.min().item<double>(), depths.max().item<double>()};
}

at::Tensor DepthGrayShader::forward(const Fragments& fragments, const Scene& scene) const {
  const at::Tensor covered = fragments.pix_to_face.select(3, 0) >= 0;
  const at::Tensor depth = fragments.zbuf.select(3, 0);
  const double length = range_.farthest - range_.nearest;
  const at::Tensor gray =
      length > 0 ? ((range_.farthest / scene.unit - depth) * (scene.unit / length)).clamp(0, 1) : at::ones_like(depth);
  const at::Tensor planes = at::stack({at::where(covered, gray, 0), covered.to(depth.scalar_type())}, 1);
  const at::Tensor mean = at::avg_pool2d(planes, fragments.samples);
  const at::Tensor value = mean.select(1, 0), coverage = mean.select(1, 1);
  return at::stack({value, value, value, coverage}, 3);
}

}  // namespace bisque
