#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cmath>
#include <numbers>

#include <bisque/ops3d/structures/meshes.h>
#include <bisque/renderer/mesh/mesh_renderer.h>
#include <bisque/renderer/shaders/studio_shader.h>

#include "harness/bench.h"
#include "harness/ict_scene.h"

namespace bisque::bench {
namespace {

/// Turns about the vertical axis, [V, 3, 3] for row vectors.
at::Tensor turns(int64_t views) {
  auto turn = at::zeros({views, 3, 3});
  for (int64_t v = 0; v < views; ++v) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(v) / static_cast<double>(views);
    turn[v][0][0] = turn[v][2][2] = std::cos(angle);
    turn[v][0][2] = std::sin(angle);
    turn[v][2][0] = -std::sin(angle);
    turn[v][1][1] = 1;
  }
  return turn;
}

/// The ICT head seen from all around.
std::function<void()> views_of_head(int64_t views) {
  const c10::InferenceMode no_gradients;
  const IctScene scene = ict_scene();
  const auto mesh = Meshes::of_topology(scene.model->forward(scene.coefficients.narrow(0, 0, 1)), scene.model->faces);
  const auto& lens = *scene.camera;
  const auto cameras = std::make_shared<FoVPerspectiveCameras>(
      ViewTransform{at::matmul(turns(views), lens.R), lens.T.expand({views, 3})},
      FoVPerspectiveOptions{
          .fov = lens.fov.expand({views}), .znear = lens.znear.expand({views}), .zfar = lens.zfar.expand({views})});
  const auto renderer = std::make_shared<MeshRenderer>(
      std::make_shared<MeshRasterizer>(RasterizeMeshesOptions{.height = 256, .width = 256, .with_dists = false}),
      std::make_shared<StudioShader>());
  mesh.verts_normals_packed();
  return [=] {
    const c10::InferenceMode none;
    renderer->forward(mesh, nullptr, cameras);
  };
}

const Bench one_view({.name = "render_1_view_256",
                      .work = "the ICT head, 256 x 256, 1 sample a pixel: project + rasterize + shade",
                      .needs = "ict"},
                     [] { return views_of_head(1); });

const Bench many_views({.name = "render_64_views_256",
                        .work = "64 views of the ICT head in one call, which share its geometry",
                        .note = "the target is 64 times render_1_view_256",
                        .needs = "ict"},
                       [] { return views_of_head(64); });

}  // namespace
}  // namespace bisque::bench
