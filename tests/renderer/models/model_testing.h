// Models that tests make, and their comparison.
#pragma once
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include <bisque/renderer/models/blendshape_data.h>

namespace bisque::model_test {

template <class T>
std::vector<T> list(const Array<T>& array) {
  return {array.begin(), array.end()};
}

/// Two quads with a uv seam between them, four groups of which one is empty, faces out of group order, four shapes of
/// which one is empty and one moves all verts, and a corrective.
inline BlendshapeData seam_model() {
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 1, 0, 1, 1, 0, 2, 1, 0.1F};
  mesh.faces = {0, 1, 4, 1, 2, 5, 0, 4, 3, 1, 5, 4, 2, 2, 2};
  mesh.uvs = {0, 0, 0.1F, 1e-9F, 0.3F, 0.7F, 0.9F, 1, 0.5F, 0.5F, 5, -5};
  mesh.uv_faces = {0, 1, 2, 3, 4, 4, 0, 2, 2, 3, 4, 1, -1, -1, -1};
  mesh.group_names = {"skin", "empty", "eyes \xC3\xA9", "teeth"};
  mesh.face_groups = {2, 0, 2, 3, -1};
  mesh.morphs = {{"jawOpen", {1, 4}, {0, -1, 0, 0, -0.5F, 1e-7F}},
                 {"none", {}, {}},
                 {"all", {0, 1, 2, 3, 4, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}},
                 {"both", {5}, {1, 1, 1}}};
  BlendshapeData model = make_blendshapes(std::move(mesh));
  model.correctives = {{3, {2, 0}}};
  return model;
}

inline void expect_equal(const BlendshapeData& a, const BlendshapeData& b) {
  EXPECT_EQ(a.shape_names, b.shape_names);
  EXPECT_EQ(list(a.neutral), list(b.neutral));
  EXPECT_EQ(list(a.faces), list(b.faces));
  EXPECT_EQ(list(a.vert_offsets), list(b.vert_offsets));
  EXPECT_EQ(list(a.delta_shape), list(b.delta_shape));
  EXPECT_EQ(list(a.deltas), list(b.deltas));
  EXPECT_EQ(list(a.uvs), list(b.uvs));
  EXPECT_EQ(list(a.uv_faces), list(b.uv_faces));
  EXPECT_EQ(a.group_names, b.group_names);
  EXPECT_EQ(list(a.face_groups), list(b.face_groups));
  EXPECT_EQ(list(a.normal_verts), list(b.normal_verts));
  EXPECT_EQ(list(a.head_weights), list(b.head_weights));
  EXPECT_EQ(a.head_joint, b.head_joint);
  ASSERT_EQ(a.correctives.size(), b.correctives.size());
  for (size_t i = 0; i < a.correctives.size(); ++i) {
    EXPECT_EQ(a.correctives[i].shape, b.correctives[i].shape);
    EXPECT_EQ(a.correctives[i].factors, b.correctives[i].factors);
  }
}

}  // namespace bisque::model_test
