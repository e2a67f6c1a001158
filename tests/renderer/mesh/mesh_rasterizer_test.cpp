#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include <bisque/ops3d/count_degenerate_faces/count_degenerate_faces.h>
#include <bisque/renderer/mesh/mesh_rasterizer.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

/// A tetrahedron and a pyramid at z = 3, of 4 and 5 verts.
Meshes two_meshes() {
  const auto tetrahedron = at::tensor({-0.5f, -0.5f, 3.2f, 0.5f, -0.5f, 3.2f, 0.0f, 0.6f, 3.0f, 0.0f, 0.0f, 2.5f});
  const auto pyramid =
      at::tensor({-0.4f, -0.4f, 3.0f, 0.4f, -0.4f, 3.1f, 0.4f, 0.4f, 3.0f, -0.4f, 0.4f, 3.0f, 0.0f, 0.1f, 2.9f});
  const auto tetrahedron_faces = at::tensor({0, 1, 2, 0, 1, 3, 1, 2, 3, 2, 0, 3}, at::kLong);
  const auto pyramid_faces = at::tensor({0, 1, 4, 1, 2, 4, 2, 3, 4}, at::kLong);
  return {Meshes::TensorList{tetrahedron.view({4, 3}), pyramid.view({5, 3})},
          Meshes::TensorList{tetrahedron_faces.view({4, 3}), pyramid_faces.view({3, 3})}};
}

/// [3, 9, 3]
at::Tensor three_views(const Meshes& meshes) {
  const auto step = at::tensor({0.3f, -0.2f, 0.5f});
  return at::stack({meshes.verts_packed(), meshes.verts_packed() + step, meshes.verts_packed() - step});
}

TEST(MeshRasterizer, PicturesAreTheViewsOfEachMesh) {
  const Meshes meshes = two_meshes();
  const auto projected = three_views(meshes);
  const MeshRasterizer rasterizer({.height = 20, .width = 31, .faces_per_pixel = 2, .blur_radius = 1e-3});
  const Fragments all = rasterizer.forward(meshes, projected);
  ASSERT_EQ(all.pix_to_face.sizes(), (at::IntArrayRef{6, 20, 31, 2}));
  for (int64_t mesh = 0; mesh < 2; ++mesh) {
    for (int64_t view = 0; view < 3; ++view) {
      const auto verts = projected[view].slice(0, mesh == 0 ? 0 : 4, mesh == 0 ? 4 : 9);
      const Fragments one = rasterizer.forward(verts.unsqueeze(0), meshes.faces_list()[static_cast<size_t>(mesh)]);
      const auto index = at::where(one.pix_to_face < 0, one.pix_to_face, one.pix_to_face + 4 * mesh);
      const int64_t picture = 3 * mesh + view;
      EXPECT_TRUE((index >= 0).any().item<bool>());
      EXPECT_TRUE(at::equal(all.pix_to_face[picture], index[0]));
      EXPECT_TRUE(at::equal(all.zbuf[picture], one.zbuf[0]));
      EXPECT_TRUE(at::equal(all.bary_coords[picture], one.bary_coords[0]));
      EXPECT_TRUE(at::equal(all.dists[picture], one.dists[0]));
    }
  }
  const Fragments first = rasterizer.forward(meshes, projected[0]);
  EXPECT_TRUE(at::equal(first.zbuf, all.zbuf.index_select(0, at::tensor({0, 3}, at::kLong))));
}

TEST(MeshRasterizer, MeshesOfOneTopologyShareTheirFaces) {
  const Meshes meshes = two_meshes();
  const auto faces = meshes.faces_list()[1];
  const auto verts = three_views(meshes).slice(1, 4, 9);
  const MeshRasterizer rasterizer({.height = 20, .width = 31});
  const Fragments fragments = rasterizer.forward(verts, faces);
  EXPECT_LT(fragments.pix_to_face.max().item<int64_t>(), faces.size(0));
  for (int64_t n = 0; n < 3; ++n) {
    const auto one_verts = verts.slice(0, n, n + 1);
    const Fragments one = rasterizer.forward(one_verts, faces);
    EXPECT_TRUE(at::equal(fragments.pix_to_face[n], one.pix_to_face[0]));
  }
}

TEST(MeshRasterizer, SettingsOfBinsHaveNoEffect) {
  const Meshes meshes = two_meshes();
  const MeshRasterizer plain({.height = 20, .width = 31});
  const MeshRasterizer with_bins({.height = 20, .width = 31, .bin_size = 8, .max_faces_per_bin = 1});
  const auto projected = three_views(meshes);
  EXPECT_TRUE(at::equal(plain.forward(meshes, projected).zbuf, with_bins.forward(meshes, projected).zbuf));
}

TEST(MeshRasterizer, SamplesArePixelsOfALargerPicture) {
  const Meshes meshes = two_meshes();
  const auto projected = three_views(meshes);
  const Fragments sampled = MeshRasterizer({.height = 20, .width = 31}, 2).forward(meshes, projected);
  const Fragments large = MeshRasterizer({.height = 40, .width = 62}).forward(meshes, projected);
  EXPECT_EQ(sampled.samples, 2);
  EXPECT_EQ(large.samples, 1);
  EXPECT_TRUE(at::equal(sampled.pix_to_face, large.pix_to_face));
  EXPECT_TRUE(at::equal(sampled.zbuf, large.zbuf));
  EXPECT_EQ(test::error_of([] { MeshRasterizer({}, 3); }),
            "MeshRasterizer: expected samples to be 1, 2 or 4, but got 3.");
}

TEST(MeshRasterizer, ProjectedVertsOfAnotherShapeAreErrors) {
  const Meshes meshes = two_meshes();
  const MeshRasterizer rasterizer;
  for (const auto& sizes : std::vector<std::vector<int64_t>>{{2, 8, 3}, {9, 2}, {1, 1, 9, 3}}) {
    const auto message = test::error_of([&] { rasterizer.forward(meshes, at::zeros(sizes)); });
    test::expect_contains(message, "MeshRasterizer: expected projected to have shape [V, 9, 3] for V views, but got [");
  }
}

TEST(MeshRasterizer, FacesThatAreNeverDrawnAreCounted) {
  const Meshes meshes = two_meshes();
  auto projected = meshes.verts_packed().clone();
  projected[0] = projected[1];
  projected[8][0] = std::numeric_limits<float>::infinity();
  const DegenerateFaces counted =
      count_degenerate_faces(projected, meshes.faces_packed(), meshes.mesh_to_faces_packed_first_idx(),
                             meshes.num_faces_per_mesh(), {.height = 20, .width = 31});
  EXPECT_TRUE(at::equal(counted.num_without_area, at::tensor({2, 0}, at::kLong)));
  EXPECT_TRUE(at::equal(counted.num_not_finite, at::tensor({0, 3}, at::kLong)));
}

}  // namespace
}  // namespace bisque
