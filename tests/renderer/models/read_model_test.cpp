#include <bisque/renderer/models/read_model.h>

#include <bisque/core/serialization/formats.h>
#include <bisque/renderer/models/glb_writer.h>
#include <bisque/renderer/models/model_file.h>
#include <bisque/tests/renderer/models/model_testing.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;
using namespace model_test;

const std::string kTriangle = "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n";

TEST(ReadModel, KnowsEveryKind) {
  const TempFolder folder;
  EXPECT_EQ(read_blendshapes(folder.write("head.OBJ", kTriangle)).num_shapes(), 0);
  write_glb(folder / "m.glb", seam_model());
  EXPECT_EQ(read_blendshapes(folder / "m.glb").num_shapes(), 4);
  std::filesystem::copy_file("tests/cases/glb_vrm0_groups.glb", folder / "avatar.vrm");
  EXPECT_EQ(read_blendshapes(folder / "avatar.vrm").shape_names, (std::vector<std::string>{"jawOpen", "Blink_L"}));
  write_model(folder / "m.safetensors", seam_model());
  EXPECT_EQ(read_blendshapes(folder / "m.safetensors").num_shapes(), 4);
  std::filesystem::create_directory(folder / "objs.glb");  // a folder, despite its name
  folder.write("objs.glb/neutral.obj", kTriangle);
  folder.write("objs.glb/jawOpen.obj", kTriangle);
  EXPECT_EQ(read_blendshapes(folder / "objs.glb").shape_names, (std::vector<std::string>{"jawOpen"}));
}

TEST(ReadModel, FilesOfPluginsAreCheckedToo) {
  const TempFolder folder;
  formats().add({kBlendshapeFormat, ".test", BlendshapeReader([](const std::string&) { return seam_model(); })});
  EXPECT_EQ(read_blendshapes(folder.write("m.test", "any")).num_shapes(), 4);
  expect_contains(error_of([&] { read_blendshapes(folder.write("m.test", "<html>")); }), "m.test: is an HTML page");
  expect_contains(error_of([&] { read_blendshapes(folder / "gone.test"); }), "cannot be opened for reading");
  formats().remove(kBlendshapeFormat, ".test");
}

TEST(ReadModel, DemoIsTheEmbeddedHead) { EXPECT_GE(find_shape(read_blendshapes("demo"), "jawOpen"), 0); }

TEST(ReadModel, MeshesOfOtherFormatsAreModelsWithoutShapes) {
  const TempFolder folder;
  const BlendshapeData model = read_blendshapes(folder.write("m.off", "OFF 3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n"));
  EXPECT_EQ(model.num_verts(), 3);
  EXPECT_EQ(model.num_faces(), 1);
  EXPECT_EQ(model.num_shapes(), 0);
  const std::string cloud = folder.write("c.off", "OFF 1 0 0\n0 0 0\n");
  EXPECT_EQ(error_of([&] { read_blendshapes(cloud); }), cloud + ": has no faces, expected those of a mesh.");
}

TEST(ReadModel, OtherFilesAreErrors) {
  const TempFolder folder;
  const std::string path = folder.write("m.fbx", "x");
  EXPECT_EQ(error_of([&] { read_blendshapes(path); }),
            path +
                ": is not a supported model, expected demo, a folder of .obj files, .safetensors or a mesh "
                "(.glb, .gltf, .obj, .off, .ply, .stl, .vrm).");
  EXPECT_EQ(error_of([&] { read_blendshapes(folder / "gone.glb"); }),
            folder / "gone.glb" + ": cannot be opened for reading (No such file or directory).");
}

}  // namespace
}  // namespace bisque
