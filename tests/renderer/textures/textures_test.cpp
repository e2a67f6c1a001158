#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <bisque/renderer/textures/textures_atlas.h>
#include <bisque/renderer/textures/textures_uv.h>
#include <bisque/renderer/textures/textures_vertex.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using namespace test;

at::Tensor ints(std::initializer_list<int64_t> values, at::IntArrayRef shape) {
  return at::tensor(std::vector<int64_t>(values)).view(shape);
}

/// One row of fragments at the corners of the faces, and one without a face.
Fragments fragments_at_corners(int64_t num_faces) {
  const auto faces = at::arange(num_faces, at::kLong).view({-1, 1}).expand({num_faces, 3}).reshape({-1});
  const auto pix_to_face = at::cat({faces, at::full({1}, -1, at::kLong)}).view({1, 1, -1, 1});
  const auto bary = at::cat({at::eye(3).repeat({num_faces, 1}), at::full({1, 3}, -1.0f)}).view({1, 1, -1, 1, 3});
  return {.pix_to_face = pix_to_face, .zbuf = {}, .bary_coords = bary, .dists = {}};
}

/// The texels at the corners of the faces [F, 3, C]. The fragment without a face must be 0.
at::Tensor at_corners(const Textures& textures, const at::Tensor& faces) {
  const auto texels = textures.sample_textures(fragments_at_corners(faces.size(0)), faces);
  EXPECT_FALSE(texels.select(2, -1).any().item<bool>());
  return texels.narrow(2, 0, 3 * faces.size(0)).reshape({faces.size(0), 3, textures.num_channels()});
}

// Two meshes: verts 0 to 3 and 4 to 6, faces 0 and 1, and face 2.
const at::Tensor& two_meshes_faces() {
  static const auto faces = ints({0, 1, 2, 1, 3, 2, 4, 5, 6}, {3, 3});
  return faces;
}

TEST(TexturesVertex, CornersHaveTheFeaturesOfTheirVerts) {
  const std::vector<at::Tensor> features = {at::rand({4, 5}), at::rand({3, 5})};
  const TexturesVertex textures(features);
  EXPECT_EQ(textures.size(), 2);
  EXPECT_EQ(textures.num_channels(), 5);
  const auto expected = at::cat(features).index_select(0, two_meshes_faces().flatten()).view({3, 3, 5});
  EXPECT_TRUE(at::equal(at_corners(textures, two_meshes_faces()), expected));
  EXPECT_TRUE(at::equal(textures.faces_verts_textures_packed(two_meshes_faces()), expected));
}

TEST(TexturesVertex, PaddedFeaturesAreThoseOfAList) {
  const auto padded = at::rand({2, 4, 3});
  const TexturesVertex textures(padded, {4, 3});
  EXPECT_TRUE(at::equal(textures.verts_features_packed(), at::cat({padded[0], padded[1].narrow(0, 0, 3)})));
  EXPECT_TRUE(at::equal(textures.verts_features_list()[1], padded[1].narrow(0, 0, 3)));
  EXPECT_EQ(textures.verts_features_padded()[1][3].abs().sum().item<float>(), 0);
  EXPECT_EQ(TexturesVertex(padded).verts_features_packed().size(0), 8);
}

TEST(TexturesVertex, MeshesAreSelectedRepeatedAndJoined) {
  const TexturesVertex textures(std::vector<at::Tensor>{at::rand({4, 3}), at::rand({3, 3})});
  const auto last = std::dynamic_pointer_cast<TexturesVertex>(textures.select({-1}));
  EXPECT_TRUE(at::equal(last->verts_features_packed(), textures.verts_features_list()[1]));
  const auto twice = std::dynamic_pointer_cast<TexturesVertex>(textures.extend(2));
  EXPECT_EQ(twice->size(), 4);
  EXPECT_TRUE(at::equal(twice->verts_features_list()[1], textures.verts_features_list()[0]));
  EXPECT_EQ(TexturesVertex::join_batch({textures, *last}).size(), 3);
  EXPECT_EQ(textures.join_scene().size(), 1);
  EXPECT_TRUE(at::equal(textures.join_scene().verts_features_packed(), textures.verts_features_packed()));
}

TEST(TexturesVertex, Errors) {
  EXPECT_EQ(error_of([] { TexturesVertex(std::vector<at::Tensor>{}); }),
            "TexturesVertex: expected verts_features of at least one mesh, but got an empty list.");
  EXPECT_EQ(error_of([] {
              TexturesVertex({at::zeros({4, 3}, at::kLong)});
            }),
            "TexturesVertex: expected verts_features to be float32 or float64.");
  EXPECT_EQ(error_of([] {
              TexturesVertex({at::zeros({4, 3}), at::zeros({4})});
            }),
            "TexturesVertex: expected verts_features of mesh 1 to have 2 dimensions.");
  EXPECT_EQ(
      error_of([] {
        TexturesVertex({at::zeros({4, 3}), at::zeros({4, 2})});
      }),
      "TexturesVertex: expected verts_features of mesh 1 to be as those of mesh 0, CPUFloatType [4, 3] on cpu but "
      "for the first size, but got CPUFloatType [4, 2] on cpu.");
  EXPECT_EQ(error_of([] { TexturesVertex(at::zeros({4})); }),
            "TexturesVertex: expected padded verts_features to have 3 dimensions, or 2 for one mesh.");
  EXPECT_EQ(error_of([] {
              TexturesVertex(at::zeros({2, 4, 3}), {4});
            }),
            "TexturesVertex: expected a size for each of 2 meshes of verts_features, but got 1.");
  EXPECT_EQ(error_of([] {
              TexturesVertex(at::zeros({2, 4, 3}), {4, 5});
            }),
            "TexturesVertex: expected the size of mesh 1 to be at most 4, as verts_features is padded, but got 5.");
  EXPECT_NE(error_of([] { TexturesVertex(at::zeros({2, 4, 3})).select({2}); }), "");
  EXPECT_NE(error_of([] { TexturesVertex(at::zeros({2, 4, 3})).extend(0); }), "");
}

TEST(TexturesAtlas, CornersHaveTheTexelsOfTheirCells) {
  const std::vector<at::Tensor> atlas = {at::rand({2, 4, 4, 3}), at::rand({1, 4, 4, 3})};
  const TexturesAtlas textures(atlas);
  const auto corners = at_corners(textures, two_meshes_faces());
  EXPECT_TRUE(at::equal(corners, textures.faces_verts_textures_packed()));
  EXPECT_TRUE(at::equal(corners[2][0], atlas[1][0][0][3]));
  EXPECT_TRUE(at::equal(corners[2][1], atlas[1][0][3][0]));
  EXPECT_TRUE(at::equal(corners[2][2], atlas[1][0][0][0]));
  const auto last = textures.select({-1});
  EXPECT_TRUE(at::equal(at_corners(*last, ints({0, 1, 2}, {1, 3})), corners.narrow(0, 2, 1)));
  EXPECT_TRUE(at::equal(TexturesAtlas(at::stack({atlas[0], atlas[0]}), {2, 1}).atlas_packed(),
                        at::cat({atlas[0], atlas[0].narrow(0, 0, 1)})));
  EXPECT_EQ(TexturesAtlas::join_batch({textures, textures}).size(), 4);
  EXPECT_EQ(textures.join_scene().size(), 1);
}

TEST(TexturesAtlas, Errors) {
  EXPECT_EQ(error_of([] {
              TexturesAtlas({at::zeros({2, 4, 3, 3})});
            }),
            "TexturesAtlas: expected atlas to have the shape [F, R, R, C], but got [2, 4, 3, 3].");
  const TexturesAtlas textures({at::zeros({2, 4, 4, 3})});
  EXPECT_EQ(error_of([&] { at_corners(textures, two_meshes_faces()); }),
            "TexturesAtlas: expected faces_packed to have the shape [2, 3], as the textures, but got [3, 3].");
}

/// A map of one colour.
at::Tensor plain(std::initializer_list<float> color) { return at::tensor(std::vector<float>(color)).view({1, 1, 3}); }

TEST(TexturesUV, EachFaceShowsItsMap) {
  const auto red = plain({1, 0, 0}), green = plain({0, 1, 0}), blue = plain({0, 0, 1});
  const UVMaps first{.maps = {red, green},
                     .faces_uvs = ints({0, 1, 2, 0, 1, -1}, {2, 3}),
                     .verts_uvs = at::rand({3, 2}),
                     .faces_maps = ints({1, 0}, {2})};
  const UVMaps second{.maps = {blue}, .faces_uvs = ints({0, 0, 0}, {1, 3}), .verts_uvs = at::rand({1, 2})};
  const TexturesUV textures({first, second});
  EXPECT_EQ(textures.size(), 2);
  const auto expected = at::cat({green, at::ones({1, 1, 3}), blue}).expand({3, 3, 3});
  EXPECT_TRUE(at::allclose(at_corners(textures, two_meshes_faces()), expected));
  EXPECT_TRUE(at::allclose(textures.faces_verts_textures_packed(), expected));
  EXPECT_TRUE(at::allclose(at_corners(textures.join_scene(), two_meshes_faces()), expected));
  EXPECT_EQ(textures.join_scene().size(), 1);
  EXPECT_TRUE(at::allclose(at_corners(*textures.select({1}), ints({0, 1, 2}, {1, 3})), expected.narrow(0, 2, 1)));
  const auto four = TexturesUV::join_batch({textures, textures});
  EXPECT_TRUE(at::allclose(at_corners(four, two_meshes_faces().repeat({2, 1})), expected.repeat({2, 1, 1})));
  EXPECT_TRUE(at::allclose(at_corners(*textures.to(at::kCPU), two_meshes_faces()), expected));
}

TEST(TexturesUV, PaddedTensorsAreThoseOfALists) {
  const auto maps = at::rand({2, 4, 5, 3}), verts_uvs = at::rand({2, 6, 2});
  const auto faces_uvs = ints({0, 1, 2, 3, 4, 5, 5, 3, 1, -1, -1, -1}, {2, 2, 3});
  const TexturesUV padded(maps, faces_uvs, verts_uvs);
  const TexturesUV list({maps[0], maps[1]}, {faces_uvs[0], faces_uvs[1].narrow(0, 0, 1)}, {verts_uvs[0], verts_uvs[1]});
  EXPECT_TRUE(at::equal(at_corners(padded, two_meshes_faces()), at_corners(list, two_meshes_faces())));
}

TEST(TexturesUV, OptionsAndWrapsCount) {
  const auto map = at::arange(4, at::kFloat).view({1, 4, 1});
  const auto sample = [&](std::vector<std::array<TextureWrap, 2>> wraps, const TexturesUVOptions& options) {
    const UVMaps mesh{.maps = {map},
                      .faces_uvs = ints({0, 1, 2}, {1, 3}),
                      .verts_uvs = at::tensor({0.0f, 0.5f, 1.2f, 0.5f, 0.375f, 0.5f}).view({3, 2}),
                      .wraps = std::move(wraps)};
    return at_corners(TexturesUV({mesh}, options), ints({0, 1, 2}, {1, 3})).flatten();
  };
  const auto values = [](float a, float b, float c) { return at::tensor({a, b, c}); };
  EXPECT_TRUE(at::allclose(sample({}, {}), values(0, 3, 1)));
  EXPECT_TRUE(at::allclose(sample({}, {.wrap = TextureWrap::kRepeat}), values(1.5f, 0.3f, 1)));
  EXPECT_TRUE(at::allclose(sample({{TextureWrap::kRepeat, TextureWrap::kClamp}}, {}), values(1.5f, 0.3f, 1)));
  EXPECT_TRUE(at::allclose(sample({}, {.wrap = TextureWrap::kMirror}), values(0, 2.7f, 1)));
  EXPECT_TRUE(at::allclose(sample({}, {.bilinear = false}), values(0, 3, 1)));
  EXPECT_TRUE(at::allclose(sample({}, {.align_corners = true}), values(0, 3, 1.125f)));
}

TEST(TexturesUV, GradientsReachTheMaps) {
  const auto map = at::rand({2, 2, 3}).requires_grad_();
  const TexturesUV textures({map}, {ints({0, 1, 2}, {1, 3})}, {at::full({3, 2}, 0.5f)});
  const auto sum = textures.sample_textures(fragments_at_corners(1), ints({0, 1, 2}, {1, 3})).sum();
  const auto gradient = torch::autograd::grad({sum}, {map})[0];
  EXPECT_TRUE(at::allclose(gradient, at::full({2, 2, 3}, 0.75f)));
}

TEST(TexturesUV, Errors) {
  const auto map = at::zeros({2, 2, 3}), uvs = at::zeros({3, 2});
  const auto faces = ints({0, 1, 2}, {1, 3});
  const auto error = [](UVMaps mesh) { return error_of([&] { TexturesUV({mesh}); }); };
  EXPECT_EQ(error_of([] { TexturesUV(std::vector<UVMaps>{}); }),
            "TexturesUV: expected maps of at least one mesh, but got an empty list.");
  EXPECT_EQ(error({.maps = {}, .faces_uvs = faces, .verts_uvs = uvs}),
            "TexturesUV: expected mesh 0 to have at least one map.");
  EXPECT_EQ(error({.maps = {at::zeros({2, 2})}, .faces_uvs = faces, .verts_uvs = uvs}),
            "TexturesUV: expected maps of mesh 0 to have the shape [H, W, C], with at least one texel.");
  EXPECT_EQ(error({.maps = {map}, .faces_uvs = faces.to(at::kInt), .verts_uvs = uvs}),
            "TexturesUV: expected faces_uvs of mesh 0 to be int64 [1, 3].");
  EXPECT_EQ(error({.maps = {map}, .faces_uvs = faces, .verts_uvs = at::zeros({3, 3})}),
            "TexturesUV: expected verts_uvs of mesh 0 to have the shape [T, 2].");
  EXPECT_EQ(error({.maps = {map}, .faces_uvs = faces, .verts_uvs = uvs, .faces_maps = ints({0, 0}, {2})}),
            "TexturesUV: expected faces_maps of mesh 0 to be int64 [1].");
  EXPECT_EQ(error({.maps = {map}, .faces_uvs = faces, .verts_uvs = uvs, .faces_maps = {}, .wraps = {{}, {}}}),
            "TexturesUV: expected wraps of mesh 0 for each of 1 maps, but got 2.");
  EXPECT_EQ(error_of([&] {
              TexturesUV({map}, {faces, faces}, {uvs});
            }),
            "TexturesUV: expected maps, faces_uvs and verts_uvs of as many meshes, but got 1, 2 and 1.");
  const TexturesUV textures({map}, {faces}, {uvs}), nearest({map}, {faces}, {uvs}, {.bilinear = false});
  EXPECT_EQ(error_of([&] {
              TexturesUV::join_batch({textures, nearest});
            }),
            "TexturesUV: expected the options bilinear and align_corners of joined batches to be the same.");
  EXPECT_EQ(error_of([&] { at_corners(textures, two_meshes_faces()); }),
            "TexturesUV: expected faces_packed to have the shape [1, 3], as the textures, but got [3, 3].");
}

}  // namespace
}  // namespace bisque
