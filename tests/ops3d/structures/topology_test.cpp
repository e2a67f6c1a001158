#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/structures/topology.h>

namespace bisque {
namespace {

at::Tensor faces(std::initializer_list<int64_t> corners) {
  return at::tensor(std::vector<int64_t>(corners)).view({-1, 3});
}

TEST(VertFaces, ListsTheFacesAroundEachVertexInOrder) {
  const auto [first, around] = vert_faces_of(faces({0, 1, 2, 2, 1, 3, 0, 2, 3}), 5);
  EXPECT_TRUE(at::equal(first, at::tensor(std::vector<int64_t>{0, 2, 4, 7, 9, 9})));
  EXPECT_TRUE(at::equal(around, at::tensor(std::vector<int64_t>{0, 2, 0, 1, 0, 1, 2, 1, 2})));
}

TEST(VertFaces, NoFacesNoVerts) {
  EXPECT_TRUE(at::equal(vert_faces_of(at::zeros({0, 3}, at::kLong), 2).vert_faces_offsets, at::zeros({3}, at::kLong)));
  EXPECT_TRUE(at::equal(vert_faces_of(at::zeros({0, 3}, at::kLong), 0).vert_faces_offsets, at::zeros({1}, at::kLong)));
}

TEST(VertFaces, RejectsBadFaces) {
  EXPECT_THROW(vert_faces_of(faces({0, 1, 5}), 5), Error);
  EXPECT_THROW(vert_faces_of(faces({0, 1, -1}), 5), Error);
  EXPECT_THROW(vert_faces_of(at::zeros({2, 4}, at::kLong), 5), Error);
  EXPECT_THROW(vert_faces_of(at::zeros({2, 3}, at::kInt), 5), Error);
}

}  // namespace
}  // namespace bisque
