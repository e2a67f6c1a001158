#include <bisque/renderer/models/obj_folder.h>

#include <algorithm>
#include <cstdlib>

#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

std::string quad(const std::string& last_vertex, const std::string& faces = "f 1 2 3 4\n") {
  return "v 0.1 0 0\nv 1 0 0\nv 1 1 0\nv " + last_vertex + "\nusemtl skin\n" + faces;
}

template <class T>
std::vector<T> list_of(const Array<T>& array) {
  return {array.begin(), array.end()};
}

TEST(ObjFolder, ShapesAreNamedByFileAndSorted) {
  const TempFolder folder;
  folder.write("Head_NEUTRAL.obj", quad("0 1 0"));
  folder.write("jawOpen.obj", quad("0 0.5 0"));
  folder.write("eyeBlink_L.OBJ", quad("0 1 0.25"));
  folder.write("notes.txt", "no model");
  const BlendshapeData model = read_obj_folder(folder.path());
  EXPECT_EQ(model.shape_names, (std::vector<std::string>{"eyeBlink_L", "jawOpen"}));
  EXPECT_EQ(list_of(model.vert_first), (std::vector<int64_t>{0, 0, 0, 0, 2}));
  EXPECT_EQ(list_of(model.deltas), (std::vector<float>{0, 0, 0.25F, 0, -0.5F, 0}));
  EXPECT_EQ(list_of(model.faces), (std::vector<int32_t>{0, 1, 2, 0, 2, 3}));
  EXPECT_EQ(model.group_names, (std::vector<std::string>{"skin"}));
}

TEST(ObjFolder, ANeutralAloneIsAModelWithoutShapes) {
  const TempFolder folder;
  folder.write("neutral.obj", quad("0 1 0"));
  EXPECT_EQ(read_obj_folder(folder.path()).num_shapes(), 0);
}

TEST(ObjFolder, EqualTextsGiveNoDelta) {
  const TempFolder folder;
  folder.write("neutral.obj", quad("0.123456789 1e-7 -3.3333333"));
  folder.write("same.obj", quad("0.123456789 1e-7 -3.3333333"));
  const BlendshapeData model = read_obj_folder(folder.path());
  EXPECT_EQ(model.num_shapes(), 1);
  EXPECT_TRUE(model.deltas.empty());
}

TEST(ObjFolder, ATopologyOtherThanTheNeutralsIsAnError) {
  const TempFolder folder;
  folder.write("neutral.obj", quad("0 1 0"));
  const auto error = [&](const std::string& shape) {
    folder.write("bad.obj", shape);
    return error_of([&] { read_obj_folder(folder.path()); });
  };
  const std::string path = folder / "bad.obj";
  EXPECT_EQ(error(quad("0 1 0\nv 5 5 5")),
            path + ": has 5 verts and 1 polygons, but the neutral has 4 verts and 1 polygons.");
  EXPECT_EQ(error(quad("0 1 0", "f 1 2 3\nf 1 3 4\n")),
            path + ": has 4 verts and 2 polygons, but the neutral has 4 verts and 1 polygons.");
  EXPECT_EQ(error(quad("0 1 0", "f 2 3 4 1\n")), path + ": has other faces than the neutral, from triangle 1 on.");
}

TEST(ObjFolder, ErrorsOfTheFolder) {
  const TempFolder folder;
  const auto error = [&] { return error_of([&] { read_obj_folder(folder.path()); }); };
  EXPECT_EQ(error(), folder.path() + ": holds no .obj file, expected a neutral and one file a shape.");
  folder.write("a.obj", quad("0 1 0"));
  EXPECT_EQ(error(), folder.path() + ": has no .obj file with \"neutral\" in its name, expected one.");
  folder.write("neutral1.obj", quad("0 1 0"));
  folder.write("neutral2.obj", quad("0 1 0"));
  EXPECT_EQ(error(),
            folder.path() +
                ": has two .obj files with \"neutral\" in their names, neutral1.obj and neutral2.obj, expected one.");
  EXPECT_EQ(error_of([&] { read_obj_folder(folder / "none"); }),
            folder / "none" + ": cannot be listed (No such file or directory).");
}

TEST(ObjFolder, TheFirstBadFileByNameIsReportedWithAnyNumberOfThreads) {
  const TempFolder folder;
  folder.write("neutral.obj", quad("0 1 0"));
  for (const char* name : {"a.obj", "b.obj", "c.obj", "d.obj"}) folder.write(name, quad("0 1 0"));
  folder.write("b.obj", "v x\n");
  folder.write("d.obj", "v y\n");
  for (const int threads : {1, 2, 7}) {
    EXPECT_EQ(error_of([&] { read_obj_folder(folder.path(), threads); }),
              folder / "b.obj" + ": line 1: \"x\" is not a number.");
  }
}

TEST(ObjFolder, ReadsTheIctFaceOnAnyNumberOfThreads) {
  BISQUE_NEEDS_SHARED(path, "ict_face");
  const BlendshapeData model = read_obj_folder(path);
  EXPECT_EQ(model.num_verts(), 26'719);
  EXPECT_EQ(model.num_faces(), 52'220);
  EXPECT_EQ(model.num_shapes(), 60);
  EXPECT_GE(find_shape(model, "jawOpen"), 0);
  EXPECT_GE(find_shape(model, "identity000"), 0);
  EXPECT_TRUE(std::is_sorted(model.shape_names.begin(), model.shape_names.end()));
  const BlendshapeData alone = read_obj_folder(path, 1);
  EXPECT_EQ(list_of(alone.vert_first), list_of(model.vert_first));
  EXPECT_EQ(list_of(alone.delta_shape), list_of(model.delta_shape));
  EXPECT_EQ(list_of(alone.deltas), list_of(model.deltas));
}

}  // namespace
}  // namespace bisque
