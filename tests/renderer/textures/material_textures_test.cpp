#include <bisque/renderer/textures/material_textures.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <bisque/ops3d/io/mesh_file.h>
#include <bisque/renderer/mesh/to_picture.h>
#include <bisque/renderer/pictures/picture_file.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

/// Two pixels side by side: sRGB (255, 0, 0) and (0, 128, 255).
void write_two_pixels(const std::string& path) { write_picture(path, {2, 1, 3, {255, 0, 0, 0, 128, 255}}); }

const char* const kMaterials = R"(newmtl picture
Kd 1 1 1
map_Kd two.png
newmtl clamped
Kd 0.5 1 1
map_Kd -clamp on two.png
newmtl moved
Kd 0 0 0
map_Kd -s 2 1 1 -o 0.25 0 0 two.png
newmtl plain
Kd 0.25 0.5 0.75
)";

const char* const kMesh = R"(mtllib m.mtl
v 0 0 0
v 1 0 0
v 0 1 0
vt 0.25 0.5
vt 0.75 0.5
vt 1.25 0.5
f 1/1 2/2 3/3
usemtl picture
f 1/1 2/2 3/3
usemtl clamped
f 1/1 2/2 3/3
usemtl moved
f 1/1 2/2 3/3
usemtl plain
f 1 2 3
usemtl picture
f 1 2 3
)";

MeshData mesh_with_materials(const TempFolder& folder) {
  write_two_pixels(folder / "two.png");
  folder.write("m.mtl", kMaterials);
  return load_mesh(folder.write("m.obj", kMesh));
}

TEST(MaterialTextures, FacesHaveTheColoursOfTheirMaterials) {
  const TempFolder folder;
  const TexturesUV textures = material_textures(mesh_with_materials(folder));
  const auto corners = textures.faces_verts_textures_packed();
  ASSERT_EQ(corners.sizes(), at::IntArrayRef({6, 3, 3}));
  const auto red = at::tensor({1.0f, 0.0f, 0.0f}), blue = at::tensor({0.0f, srgb_to_linear(128 / 255.0f), 1.0f});
  const auto expect = [&](int64_t face, const at::Tensor& a, const at::Tensor& b, const at::Tensor& c) {
    EXPECT_TRUE(at::allclose(corners[face], at::stack({a, b, c}))) << face << ": " << corners[face];
  };
  const auto white = at::ones({3}), half = at::tensor({0.5f, 1.0f, 1.0f}), plain = at::tensor({0.25f, 0.5f, 0.75f});
  expect(0, white, white, white);                   // no material
  expect(1, red, blue, red);                        // repeats
  expect(2, red * half, blue * half, blue * half);  // clamped, times the diffuse colour
  // Read at 2 u + 0.25 = 0.75, 1.75 and 2.75; a diffuse colour of black does not count.
  expect(3, blue, blue, blue);
  expect(4, plain, plain, plain);
  expect(5, white, white, white);  // without uvs: the diffuse colour
}

TEST(MaterialTextures, APictureInTheFileIsRead) {
  const TempFolder folder;
  MeshData mesh = mesh_with_materials(folder);
  const auto expected = material_textures(mesh).faces_verts_textures_packed();
  const std::string bytes = read_file(folder / "two.png");
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  const auto picture = std::make_shared<const std::vector<std::byte>>(begin, begin + bytes.size());
  for (Texture& texture : mesh.textures) texture.path = "", texture.picture = picture;
  EXPECT_TRUE(at::equal(material_textures(mesh).faces_verts_textures_packed(), expected));

  const auto text = std::make_shared<const std::vector<std::byte>>(8, std::byte{'x'});
  for (Texture& texture : mesh.textures) texture.picture = text;
  EXPECT_EQ(error_of([&] { material_textures(mesh); }),
            "textures[0]: expected its picture to be PNG or JPEG, but it is neither.");
}

TEST(MaterialTextures, AMeshWithoutMaterialsIsWhite) {
  MeshData mesh;
  mesh.verts = {0, 0, 0, 1, 0, 0, 0, 1, 0};
  mesh.faces = {0, 1, 2};
  EXPECT_TRUE(at::equal(material_textures(mesh).faces_verts_textures_packed(), at::ones({1, 3, 3})));
  EXPECT_EQ(material_textures(MeshData{}).faces_verts_textures_packed().size(0), 0);
}

TEST(AtlasOf, TexelsAreTheMiddlesOfTheSmallTriangles) {
  // The colour of a map whose texels are their own place: u and v of a face's barycentric coordinates.
  const int64_t n = 64, R = 4;
  const auto place = (at::arange(n, at::kFloat) + 0.5) / n;
  const auto map = at::stack({place.view({1, n}).expand({n, n}), (1 - place).view({n, 1}).expand({n, n})}, 2);
  const auto corners = at::tensor({1.0f, 0.0f, 0.0f, 1.0f, 0.0f, 0.0f}).view({3, 2});
  const TexturesUV textures({map}, {at::arange(3, at::kLong).view({1, 3})}, {corners});
  const TexturesAtlas atlas = atlas_of(textures, R);
  ASSERT_EQ(atlas.atlas_packed().sizes(), at::IntArrayRef({1, R, R, 2}));
  for (int64_t i = 0; i < R; ++i) {
    for (int64_t j = 0; j < R; ++j) {
      // Sampling the atlas at the place that the texel was taken from gives this texel.
      const auto texel = atlas.atlas_packed()[0][i][j];
      const auto bary = at::cat({texel, (1 - texel.sum()).view({1})}).view({1, 1, 1, 1, 3});
      const Fragments fragments{at::zeros({1, 1, 1, 1}, at::kLong), {}, bary, {}};
      const auto got = atlas.sample_textures(fragments, at::arange(3, at::kLong).view({1, 3})).flatten();
      EXPECT_TRUE(at::equal(got, texel)) << i << " " << j << " " << texel;
    }
  }
  EXPECT_EQ(error_of([&] { atlas_of(textures, 0); }), "atlas_of: expected R to be at least 1, but got 0.");
}

}  // namespace
}  // namespace bisque
