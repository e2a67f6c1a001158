// What Python does not reach: construction with braces, and threads that share a structure.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include <bisque/core/error.h>
#include <bisque/ops3d/structures/meshes.h>
#include <bisque/ops3d/structures/pointclouds.h>
#include <bisque/ops3d/structures/volumes.h>

namespace bisque {
namespace {

at::Tensor random_faces(int64_t num_verts, int64_t num_faces) {
  return at::randint(num_verts, {num_faces, 3}, at::kLong);
}

TEST(Structures, BracesAreOneElementOrAList) {
  const at::Tensor verts = at::rand({4, 3}), faces = random_faces(4, 5), volume = at::rand({1, 2, 3, 4});
  EXPECT_EQ(Meshes({verts}, {faces}).size(), 1);
  EXPECT_EQ(Meshes({verts, verts}, {faces, faces}).size(), 2);
  EXPECT_EQ(Pointclouds({verts}).size(), 1);
  EXPECT_EQ(Volumes({volume}).size(), 1);
}

TEST(Structures, MeshesOfATopologyAreThoseOfPaddedFaces) {
  const at::Tensor faces = random_faces(7, 5);
  for (const int64_t n : {0, 1, 3}) {
    const at::Tensor verts = at::rand({n, 7, 3}), normals = at::rand({n, 7, 3});
    const Meshes meshes = Meshes::of_topology(verts, faces, normals);
    const Meshes expected(verts, faces.expand({n, 5, 3}), normals);
    EXPECT_EQ(meshes.size(), n);
    EXPECT_TRUE(at::equal(meshes.faces_packed(), expected.faces_packed()));
    EXPECT_TRUE(at::equal(meshes.verts_padded(), expected.verts_padded()));
    EXPECT_TRUE(at::equal(meshes.verts_normals_packed(), expected.verts_normals_packed()));
    EXPECT_EQ(meshes.face_sizes().sizes(), expected.face_sizes().sizes());
    EXPECT_FALSE(Meshes::of_topology(verts, faces).has_verts_normals());
  }
}

TEST(Structures, MeshesOfATopologyHaveVertsAndFacesThatFit) {
  const at::Tensor verts = at::rand({2, 4, 3}), faces = random_faces(4, 5);
  EXPECT_THROW(Meshes::of_topology(verts[0], faces), Error);
  EXPECT_THROW(Meshes::of_topology(verts, faces.to(at::kInt)), Error);
  EXPECT_THROW(Meshes::of_topology(verts, faces.unsqueeze(0)), Error);
  EXPECT_THROW(Meshes::of_topology(verts.to(at::kHalf), faces), Error);
  EXPECT_THROW(Meshes::of_topology(verts, faces, verts[0]), Error);
}

TEST(Structures, ThreadsMayShareMeshes) {
  const at::Tensor verts = at::rand({300, 3}), faces = random_faces(300, 700);
  const Meshes expected({verts, verts}, {faces, faces});
  const Meshes shared = expected.clone();
  constexpr int kThreads = 4;
  std::latch start(kThreads);
  std::vector<char> equal(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i, copy = shared] {
      start.arrive_and_wait();
      equal[i] = at::equal(copy.edges_packed_to_mesh_idx(), expected.edges_packed_to_mesh_idx()) &&
                 at::equal(copy.verts_normals_padded(), expected.verts_normals_padded()) &&
                 at::equal(copy.laplacian_packed().to_dense(), expected.laplacian_packed().to_dense());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(equal, std::vector<char>(kThreads, 1));
}

}  // namespace
}  // namespace bisque
