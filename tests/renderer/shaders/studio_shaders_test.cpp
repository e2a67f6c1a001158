#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <bisque/renderer/mesh/white_model_renderer.h>
#include <bisque/renderer/models/demo_head.h>
#include <bisque/renderer/pictures/png.h>
#include <bisque/renderer/shaders/depth_gray_shader.h>
#include <bisque/renderer/shaders/material_shader.h>
#include <bisque/renderer/shaders/normal_color_shader.h>
#include <bisque/renderer/textures/textures_vertex.h>

#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

/// A square from -1 to 1 in the plane z = `slope` x, of two triangles: the lower right and the upper left one. The uvs
/// are (0, 0) at the lower left and (1, 1) at the upper right.
MeshData square(float slope) {
  MeshData mesh;
  mesh.verts = {-1, -1, -slope, 1, -1, slope, 1, 1, slope, -1, 1, -slope};
  mesh.faces = {0, 1, 2, 0, 2, 3};
  mesh.uvs = {0, 0, 1, 0, 1, 1, 0, 1};
  mesh.uv_faces = mesh.faces;
  return mesh;
}

constexpr int64_t kSide = 66;  // a quarter of it is the centre of a pixel

/// The picture of a model [H, W, 4] with a shader that `make_shader` makes for its camera.
template <class MakeShader>
at::Tensor picture_of(const BlendshapeData& data, const MakeShader& make_shader, int64_t samples = 4, double turn = 0) {
  const auto model = std::make_shared<BlendshapeModel>(data);
  Framing framing;
  framing.azimuth = turn;
  framing.margin = 0;
  const auto camera = fit_camera(model->framed_verts(), 1, framing);
  const WhiteModelRenderer renderer(model, camera, {kSide, kSide, samples}, make_shader(*camera));
  return renderer(at::zeros({1, model->num_shapes()}))[0];
}

std::shared_ptr<Shader> normals(const FoVPerspectiveCameras&) { return std::make_shared<NormalColorShader>(); }

TEST(NormalColorShader, ANormalIsAColour) {
  for (const float slope : {0.0F, 0.5F, -2.0F}) {
    for (const double turn : {0.0, 30.0}) {
      const at::Tensor picture = picture_of(make_blendshapes(square(slope)), normals, 4, turn);
      const float length = std::sqrt(1 + slope * slope);
      const auto expected = at::tensor({(1 - slope / length) / 2, 0.5F, (1 + 1 / length) / 2, 1.0F});
      EXPECT_TRUE(at::allclose(picture[kSide / 2][kSide / 2], expected, 1e-4, 1e-5)) << slope << " " << turn;
    }
  }
}

TEST(NormalColorShader, CoversWhatTheWhiteModelCovers) {
  const BlendshapeData head = make_blendshapes(make_demo_head());
  const auto white = picture_of(head, [](const auto&) { return std::make_shared<StudioShader>(); });
  EXPECT_TRUE(at::equal(picture_of(head, normals).select(2, 3), white.select(2, 3)));
  const auto depth = picture_of(head, [](const auto&) { return std::make_shared<DepthGrayShader>(DepthRange()); });
  EXPECT_TRUE(at::equal(depth.select(2, 3), white.select(2, 3)));
}

/// A depth shader for the range of the model.
template <class Camera>
std::shared_ptr<Shader> depth_of(const BlendshapeData& data, const Camera& camera) {
  const BlendshapeModel model(data);
  return std::make_shared<DepthGrayShader>(depth_range(model.framed_verts(), camera));
}

TEST(DepthGrayShader, FallsLinearlyFromNearToFar) {
  for (const double scale : {1.0, 1e-12, 1e12}) {
    MeshData mesh = square(0.5);
    for (float& value : mesh.verts) value = static_cast<float>(value * scale);
    const BlendshapeData data = make_blendshapes(mesh);
    const at::Tensor picture = picture_of(
        data, [&](const auto& camera) { return depth_of(data, camera); }, 1);
    const auto row = picture[kSide / 2].select(1, 0), covered = picture[kSide / 2].select(1, 3) == 1;
    const auto values = row.masked_select(covered);
    EXPECT_GT(values.numel(), kSide / 2);
    EXPECT_LT(values[0].item<float>(), 0.05);
    EXPECT_GT(values[-1].item<float>(), 0.95);
    EXPECT_GT((values.slice(0, 1) - values.slice(0, 0, -1)).min().item<float>(), 0);
    EXPECT_NEAR(values.mean().item<float>(), 0.5, 0.08) << "perspective shows more of what is near";
  }
}

TEST(DepthGrayShader, ClipsAndSurvivesARangeWithoutLength) {
  const BlendshapeData data = make_blendshapes(square(0.5));
  const auto gray_with = [&](DepthRange range) {
    const auto picture = picture_of(data, [&](const auto&) { return std::make_shared<DepthGrayShader>(range); });
    return picture[kSide / 2][kSide / 2][0].template item<float>();
  };
  EXPECT_EQ(gray_with({0, 0.1}), 0);
  EXPECT_EQ(gray_with({1000, 1001}), 1);
  EXPECT_EQ(gray_with({3, 3}), 1);
}

TEST(DepthGrayShader, APixelIsTheMeanOfItsSamples) {
  const BlendshapeData data = make_blendshapes(square(0.5));
  const auto make = [&](const auto& camera) { return depth_of(data, camera); };
  const at::Tensor four = picture_of(data, make, 4), sixteen = picture_of(data, make, 16);
  EXPECT_LT((four - sixteen).abs().mean().item<float>(), 0.01);
  EXPECT_TRUE(at::equal(four.select(2, 0), four.select(2, 1)));
}

TEST(DepthGrayShader, ARangeNeedsAVertex) {
  const auto camera = fit_camera(at::eye(3), 1);
  EXPECT_EQ(test::error_of([&] {
              depth_range(at::zeros({0, 3}), *camera);
            }),
            "depth_range: expected verts to have at least one vertex, but got [0, 3]");
}

// Textures

using Rgb = std::array<uint8_t, 3>;

Texture picture_texture(const Picture& picture) {
  return {.path = "", .picture = std::make_shared<const std::vector<std::byte>>(encode_png(picture, "test"))};
}

/// Two rows: red and green above, blue and white below.
Texture four_colors() { return picture_texture({2, 2, 3, {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255}}); }

/// The square with one material for all faces.
BlendshapeData with_material(Material material, std::vector<Texture> textures = {}) {
  MeshData mesh = square(0);
  mesh.group_names = {"skin"};
  mesh.face_groups = {0, 0};
  mesh.materials = {std::move(material)};
  mesh.textures = std::move(textures);
  return make_blendshapes(std::move(mesh));
}

/// The linear colours of the surface [H, W, 3]: lit by ambient light alone.
at::Tensor colors_of(const BlendshapeData& data, const std::vector<std::string>& hidden = {}) {
  const Lighting ambient{{1, 1, 1}, {}};
  const auto make = [&](const auto&) { return std::make_shared<MaterialShader>(data, hidden, ambient); };
  return picture_of(data, make, 1).slice(2, 0, 3);
}

void expect_color(const at::Tensor& colors, double u, double v, const std::array<float, 3>& expected,
                  double tolerance = 1e-4) {
  const auto row = static_cast<int64_t>((1 - v) * kSide), column = static_cast<int64_t>(u * kSide);
  const auto color = colors[row][column];
  EXPECT_TRUE(at::allclose(color, at::tensor(at::ArrayRef<float>(expected.data(), 3)), 0, tolerance))
      << u << " " << v << ": " << color;
}

TEST(MaterialShader, KnownTexelsHaveKnownColours) {
  const at::Tensor colors = colors_of(with_material({.name = "skin", .texture = 0}, {four_colors()}));
  expect_color(colors, 0.25, 0.75, {1, 0, 0});
  expect_color(colors, 0.75, 0.75, {0, 1, 0});
  expect_color(colors, 0.25, 0.25, {0, 0, 1});
  expect_color(colors, 0.75, 0.25, {1, 1, 1});
}

TEST(MaterialShader, PicturesAreSrgbAndColoursAreLinear) {
  const Texture gray = picture_texture({1, 1, 4, {128, 128, 128, 7}});
  const float linear = srgb_to_linear(128.0F / 255);
  expect_color(colors_of(with_material({.name = "skin", .texture = 0}, {gray})), 0.5, 0.5, {linear, linear, linear});
  expect_color(colors_of(with_material({.name = "skin", .diffuse = {0.5F, 0.25F, 1}})), 0.5, 0.5, {0.5F, 0.25F, 1});
  expect_color(colors_of(with_material({.name = "skin", .diffuse = {0.5F, 0, 1}, .texture = 0}, {gray})), 0.5, 0.5,
               {0.5F * linear, 0, linear});
  expect_color(colors_of(with_material({.name = "skin", .diffuse = {0, 0, 0}, .texture = 0}, {gray})), 0.5, 0.5,
               {linear, linear, linear});
  expect_color(colors_of(with_material({.name = "skin", .diffuse = {0, 0, 0}})), 0.5, 0.5, {0, 0, 0});
}

TEST(MaterialShader, ScaleOffsetAndWrapOfATexture) {
  Texture texture = four_colors();
  texture.scale = {2, 2};
  texture.offset = {0.5F, 0};
  const Material skin{.name = "skin", .texture = 0};
  const at::Tensor repeated = colors_of(with_material(skin, {texture}));
  expect_color(repeated, 0.125, 0.375, {0, 1, 0}, 0.1);  // read at (0.75, 0.75)
  expect_color(repeated, 0.375, 0.375, {1, 0, 0}, 0.1);  // at (1.25, 0.75)
  texture.wrap = {Wrap::kClamp, Wrap::kMirror};
  const at::Tensor wrapped = colors_of(with_material(skin, {texture}));
  expect_color(wrapped, 0.375, 0.375, {0, 1, 0}, 0.1);  // beyond the right edge
  expect_color(wrapped, 0.125, 0.875, {1, 1, 1}, 0.1);  // at (0.75, 1.75), mirrored to 0.25
}

TEST(MaterialShader, FacesWithoutMaterialUvsOrPictureAreStillDrawn) {
  MeshData mesh = square(0);
  mesh.group_names = {"skin"};
  mesh.face_groups = {0, -1};
  mesh.uv_faces = {-1, -1, -1, 0, 2, 3};
  mesh.materials = {{.name = "skin", .diffuse = {0.5F, 0.5F, 0.5F}, .texture = 0}};
  mesh.textures = {{.path = "not read.png"}};
  const at::Tensor colors = colors_of(make_blendshapes(mesh));
  expect_color(colors, 0.75, 0.25, {0.5F, 0.5F, 0.5F});
  expect_color(colors, 0.25, 0.75, {1, 1, 1});
  expect_color(colors_of(make_blendshapes(square(0))), 0.5, 0.5, {1, 1, 1});
}

TEST(MaterialShader, HiddenGroupsKeepTheColoursOfTheOthers) {
  MeshData mesh = square(0);
  mesh.group_names = {"shell", "skin"};
  mesh.face_groups = {0, 1};
  mesh.materials = {{.name = "shell", .diffuse = {1, 0, 0}}, {.name = "skin", .diffuse = {0, 1, 0}}};
  const BlendshapeData data = make_blendshapes(mesh);
  const auto model = std::make_shared<BlendshapeModel>(data, std::vector<std::string>{"shell"});
  const auto shader =
      std::make_shared<MaterialShader>(data, std::vector<std::string>{"shell"}, Lighting{{1, 1, 1}, {}});
  const WhiteModelRenderer renderer(model, fit_camera(model->neutral, 1, {.margin = 0}), {kSide, kSide, 1}, shader);
  const at::Tensor picture = renderer(at::zeros({1, 0}))[0];
  EXPECT_EQ(picture[kSide / 4][kSide / 4][1].item<float>(), 1);
  EXPECT_EQ(picture[kSide / 4][kSide / 4][0].item<float>(), 0);
  EXPECT_EQ(picture[3 * kSide / 4][3 * kSide / 4][3].item<float>(), 0);
}

TEST(MaterialShader, AWhiteMaterialIsTheWhiteModel) {
  const BlendshapeData data = with_material({.name = "skin"});
  const auto white = picture_of(data, [](const auto&) { return std::make_shared<StudioShader>(); });
  const auto textured = picture_of(data, [&](const auto&) { return std::make_shared<MaterialShader>(data); });
  EXPECT_TRUE(at::allclose(white, textured, 1e-6, 1e-6));
}

TEST(MaterialShader, AMeshInABatchIsThatMesh) {
  const BlendshapeData data = with_material({.name = "skin", .texture = 0}, {four_colors()});
  const auto model = std::make_shared<BlendshapeModel>(data);
  const auto shader = std::make_shared<MaterialShader>(data);
  const WhiteModelRenderer renderer(model, fit_camera(model->framed_verts(), 1), {kSide, kSide, 1}, shader);
  const at::Tensor pictures = renderer(at::zeros({3, 0}));
  for (int64_t i = 0; i < 3; ++i) EXPECT_TRUE(at::equal(pictures[i], renderer(at::zeros({1, 0}))[0]));
}

TEST(MaterialShader, ADamagedPictureIsAnError) {
  const std::vector<std::byte> damaged{std::byte{0x89}, std::byte{'P'}, std::byte{'N'}, std::byte{'G'}};
  const Texture texture{.path = "skin.png", .picture = std::make_shared<const std::vector<std::byte>>(damaged)};
  test::expect_contains(
      test::error_of([&] { MaterialShader(with_material({.name = "skin", .texture = 0}, {texture})); }), "skin.png");
}

// Scenes

/// The square before a camera, in its middle, with K faces at each sample.
at::Tensor scene_picture(const std::shared_ptr<Shader>& shader, const std::shared_ptr<const Textures>& textures,
                         int64_t faces_per_pixel = 1) {
  const MeshData mesh = square(0.3F);
  const auto verts = at::tensor(mesh.verts).view({1, 4, 3});
  const auto faces = at::tensor(at::ArrayRef<int32_t>(mesh.faces.data(), mesh.faces.size())).view({1, 2, 3});
  const MeshRenderer renderer(
      std::make_shared<MeshRasterizer>(
          RasterizeMeshesOptions{.height = 8, .width = 8, .faces_per_pixel = faces_per_pixel}, 2),
      shader);
  return renderer(Meshes(verts, faces), textures, fit_camera(verts[0], 1))[0];
}

TEST(StudioShader, TheTexturesOfASceneColourIt) {
  const auto red = at::tensor({1.F, 0.F, 0.F}).expand({1, 4, 3});
  const auto textures = std::make_shared<TexturesVertex>(red);
  const Lighting ambient{{0.5F, 0.5F, 0.5F}, {}};
  const auto picture = scene_picture(std::make_shared<StudioShader>(ambient), textures);
  EXPECT_TRUE(at::allclose(picture[4][4], at::tensor({0.5F, 0.F, 0.F, 1.F})));
  const auto normal = std::make_shared<NormalColorShader>();
  EXPECT_TRUE(at::equal(scene_picture(normal, textures), scene_picture(normal, nullptr)));
}

TEST(StudioShader, TheNearestFaceCounts) {
  const MeshData mesh = square(0.3F);
  for (const auto& shader : {std::shared_ptr<Shader>(std::make_shared<StudioShader>()),
                             std::shared_ptr<Shader>(std::make_shared<NormalColorShader>()),
                             std::shared_ptr<Shader>(std::make_shared<DepthGrayShader>(DepthRange{1, 10})),
                             std::shared_ptr<Shader>(std::make_shared<MaterialShader>(make_blendshapes(mesh)))}) {
    const auto one = scene_picture(shader, nullptr), three = scene_picture(shader, nullptr, 3);
    EXPECT_EQ(one.sizes(), (at::IntArrayRef{8, 8, 4}));
    EXPECT_TRUE(at::allclose(one, three, 1e-5, 1e-6)) << shader->type_name();
  }
}

TEST(StudioShader, NeedsCameras) {
  const auto verts = at::rand({3, 3});
  const auto faces = at::tensor({0, 1, 2}, at::kLong).view({1, 3});
  const Fragments fragments = MeshRasterizer({.height = 4, .width = 4}).forward(verts.unsqueeze(0), faces);
  EXPECT_EQ(test::error_of([&] { StudioShader().forward(fragments, {.meshes = Meshes(verts, faces)}); }),
            "StudioShader: expected cameras, but got none.");
}

TEST(MaterialShader, OtherMeshesAreAnError) {
  const auto shader = std::make_shared<MaterialShader>(make_blendshapes(make_demo_head()));
  test::expect_contains(test::error_of([&] { scene_picture(shader, nullptr); }),
                        "MaterialShader: expected 1 meshes of ");
}

TEST(MaterialShader, AModelWithAnIndexOutOfRangeIsAnError) {
  BlendshapeData data = with_material({.name = "skin", .texture = 0}, {four_colors()});
  data.materials[0].texture = 1;
  EXPECT_EQ(test::error_of([&] { MaterialShader shader(data); }),
            "MaterialShader: materials refer to texture 1, expected -1 to 0.");
  data.materials.clear();
  data.face_groups = std::vector<int32_t>{0, 7};
  EXPECT_EQ(test::error_of([&] { MaterialShader shader(data); }),
            "MaterialShader: face_groups holds index 7 at place 1, expected -1 to 0.");
}

// to_picture

TEST(ToPicture, TheLinearEncodingIsProportional) {
  const auto image = at::tensor({0.25F, 0.5F, 1.F, 1.F, 0.1F, 0.1F, 0.1F, 0.5F}).view({1, 2, 4});
  EXPECT_EQ(to_picture(image, Color{0, 0.2F, 1}, Encoding::kLinear).pixels,
            (std::vector<uint8_t>{64, 128, 255, 26, 51, 153}));
  EXPECT_EQ(to_picture(image, std::nullopt, Encoding::kLinear).pixels,
            (std::vector<uint8_t>{64, 128, 255, 255, 51, 51, 51, 128}));
}

TEST(ToPicture, ToBytesGivesTheSame) {
  at::Tensor image = at::rand({37, 53, 4}) * 1.4 - 0.2;
  image[3][4][0] = NAN;
  image[3][5].zero_();
  image[3][6][3] = NAN;
  image.select(2, 3).slice(0, 20, 30).mul_(16).round_().div_(16);
  for (const Encoding encoding : {Encoding::kSrgb, Encoding::kLinear}) {
    for (const auto& background : {std::optional<Color>(), std::optional(Color{0.1F, 0.5F, 1})}) {
      const at::Tensor bytes = to_bytes(image, background, encoding).contiguous();
      EXPECT_EQ(bytes.sizes(), (at::IntArrayRef{37, 53, background ? 3 : 4}));
      const auto* first = bytes.const_data_ptr<uint8_t>();
      EXPECT_EQ(std::vector<uint8_t>(first, first + bytes.numel()), to_picture(image, background, encoding).pixels);
    }
  }
}

}  // namespace
}  // namespace bisque
