#include <bisque/core/error.h>
#include <bisque/renderer/points/points_renderer.h>
#include <bisque/tests/ops3d/functions/holder.h>

namespace bisque {
namespace {

using at::Tensor;
using MaybeTensor = std::optional<Tensor>;
using HeldClouds = Held<Pointclouds>;
using HeldCameras = Held<std::shared_ptr<Cameras>>;

std::shared_ptr<Compositor> compositor_of(const std::string& kind, const MaybeTensor& background) {
  const CompositorOptions options{tensor_or_none(background)};
  if (kind == "alpha") return std::make_shared<AlphaCompositor>(options);
  if (kind == "weighted") return std::make_shared<WeightedCompositor>(options);
  if (kind == "norm_weighted") return std::make_shared<NormWeightedCompositor>(options);
  fail("no compositor named ", kind);
}

std::shared_ptr<PointsRasterizer> rasterizer_of(int64_t height, int64_t width, double radius,
                                                int64_t points_per_pixel) {
  return std::make_shared<PointsRasterizer>(
      RasterizePointsOptions{.height = height,
                             .width = width,
                             .radius = radius,
                             .points_per_pixel = points_per_pixel,
                             .bin_size = 0,
                             .max_points_per_bin = 1});  // the last two have no effect
}

Tensor composite_points(const std::string& kind, const MaybeTensor& background, const Tensor& idx, const Tensor& alphas,
                        const Tensor& features) {
  return compositor_of(kind, background)->forward(idx, alphas, features);
}

std::tuple<Tensor, Tensor, Tensor> rasterize_pointclouds(const HeldClouds& clouds, const HeldCameras& cameras,
                                                         int64_t height, int64_t width, double radius,
                                                         int64_t points_per_pixel, const MaybeTensor& radii) {
  const auto fragments = rasterizer_of(height, width, radius, points_per_pixel)
                             ->forward(clouds->value, *cameras->value, tensor_or_none(radii));
  return {fragments.idx, fragments.zbuf, fragments.dists};
}

Tensor rasterize_positions(const HeldClouds& clouds, const Tensor& positions) {
  return PointsRasterizer().rasterize(clouds->value, positions).idx;
}

Tensor render_points(const HeldClouds& clouds, const HeldCameras& cameras, int64_t height, int64_t width, double radius,
                     int64_t points_per_pixel, const MaybeTensor& radii, const std::string& kind,
                     const MaybeTensor& background) {
  const PointsRenderer renderer(rasterizer_of(height, width, radius, points_per_pixel),
                                compositor_of(kind, background));
  return renderer.forward(clouds->value, *cameras->value, tensor_or_none(radii));
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  library.def("composite_points", &composite_points);
  library.def("rasterize_pointclouds", &rasterize_pointclouds);
  library.def("rasterize_positions", &rasterize_positions);
  library.def("render_points", &render_points);
}

}  // namespace bisque
