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
  EXPECT_EQ(list_of(model.vert_offsets), (std::vector<int64_t>{0, 0, 0, 0, 2}));
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
  EXPECT_EQ(error(quad("0 1 0", "f 1 3 2 4\n")),
            path + ": has other faces than the neutral: the neutral does not have its face 1.");
  EXPECT_EQ(error(quad("0 1 0", "f 4 3 2 1\n")),
            path + ": has other faces than the neutral: the neutral does not have its face 1.");
}

TEST(ObjFolder, AShapeMayListTheFacesInAnotherOrder) {
  const TempFolder folder;
  const std::string verts = "v 0 0 0\nv 1 0 0\nv 2 0 0\nv 0 1 0\nv 1 1 0\nv 2 1 0\nv 3 3 0\n";
  folder.write("neutral.obj", verts + "f 1 2 5 4\nf 2 3 6 5\nf 4 5 6\n");
  folder.write("a.obj", verts + "f 5 6 4\nf 3 6 5 2\nf 4 1 2 5\n");
  const BlendshapeData model = read_obj_folder(folder.path());
  EXPECT_EQ(list_of(model.faces), (std::vector<int32_t>{0, 1, 4, 0, 4, 3, 1, 2, 5, 1, 5, 4, 3, 4, 5}));
  EXPECT_TRUE(model.deltas.empty() && model.warnings.empty());
}

TEST(ObjFolder, ConcavePolygonsAreSplitAsInTheNeutral) {
  const TempFolder folder;
  // The quad of the neutral is concave at its second corner, that of the shape at its first.
  folder.write("neutral.obj", "v -1 -1 0\nv 0 0 0\nv 1 -1 0\nv 0 3 0\nf 1 2 3 4\n");
  folder.write("other.obj", "v 0.5 0.5 0\nv 0 -1 0\nv 1 -1 0\nv 0 3 0\nf 1 2 3 4\n");
  const BlendshapeData model = read_obj_folder(folder.path());
  EXPECT_EQ(model.num_shapes(), 1);
  EXPECT_EQ(list_of(model.faces), (std::vector<int32_t>{3, 0, 1, 1, 2, 3}));
}

TEST(ObjFolder, HiddenFilesAndFoldersAreIgnored) {
  const BlendshapeData model = read_obj_folder(case_file("folder_appledouble"));
  EXPECT_EQ(model.shape_names, (std::vector<std::string>{"eyeBlink_L", "jawOpen"}));
  EXPECT_TRUE(model.warnings.empty());
  const TempFolder folder;
  folder.write("neutral.obj", quad("0 1 0"));
  folder.write("._neutral.obj", "\x05\x16\x07");
  folder.write(".neutral.obj", "old");
  std::filesystem::create_directory(folder / "jawOpen.obj");
  EXPECT_EQ(read_obj_folder(folder.path()).num_shapes(), 0);
}

TEST(ObjFolder, ALinkToAMissingFileIsAnError) {
  const TempFolder folder;
  folder.write("neutral.obj", quad("0 1 0"));
  std::filesystem::create_symlink("missing.obj", folder / "jawOpen.obj");
  EXPECT_EQ(error_of([&] { read_obj_folder(folder.path()); }),
            folder / "jawOpen.obj" + ": cannot be opened for reading (No such file or directory).");
}

TEST(ObjFolder, WithoutANeutralTheRestShapeIsKnownByItsLastWord) {
  for (const char* name : {"Basis.obj", "REST.obj", "default.obj", "base.OBJ", "head_basis.obj", "head-Rest.obj",
                           "head.default.obj", "my head base.obj", "a_b-c.d base.obj"}) {
    const TempFolder folder;
    folder.write(name, quad("0 1 0"));
    for (const char* shape : {"basement.obj", "database.obj", "rest_L.obj", "based_on.obj", "basis2.obj"}) {
      folder.write(shape, quad("0 0.5 0"));
    }
    EXPECT_EQ(read_obj_folder(folder.path()).num_shapes(), 5) << name;
  }
}

TEST(ObjFolder, AFileNamedNeutralComesBeforeOtherRestShapes) {
  const TempFolder folder;
  folder.write("generic_neutral_mesh.obj", quad("0 1 0"));
  folder.write("basis.obj", quad("0 0.5 0"));
  folder.write("rest.obj", quad("0 0.5 0"));
  EXPECT_EQ(read_obj_folder(folder.path()).shape_names, (std::vector<std::string>{"basis", "rest"}));
}

TEST(ObjFolder, AShapeWithItsVertsInAnotherOrderIsAWarning) {
  const std::string path = case_file("folder_vertex_order");
  const std::string reason =
      ": most vertices move by more than a tenth of the model's size, so their order seems to differ from the "
      "neutral's";
  EXPECT_EQ(read_obj_folder(path).warnings, (std::vector<std::string>{path + "/jawOpen.obj" + reason + "."}));
  const TempFolder folder;
  // The loose vertex does not count, neither for the size nor as one that moves.
  const auto write = [&](const char* name, const std::string& third, const std::string& last) {
    folder.write(name, "v 0 0 0\nv 3 0 0\nv 3 " + third + " 0\nv 0 " + last + " 0\nv 900 0 0\nf 1 2 3 4\n");
  };
  write("neutral.obj", "4", "4");  // of size 5
  write("half.obj", "4.6", "4.6");
  EXPECT_TRUE(read_obj_folder(folder.path()).warnings.empty());
  folder.write("near.obj", "v 0.4 0 0\nv 3.4 0 0\nv 3.4 4 0\nv 0.4 4 0\nv 0 0 0\nf 1 2 3 4\n");
  EXPECT_TRUE(read_obj_folder(folder.path()).warnings.empty());
  folder.write("far.obj", "v 0.6 0 0\nv 3.6 0 0\nv 3.6 4 0\nv 0 4 0\nv 900 0 0\nf 1 2 3 4\n");
  folder.write("x.obj", "v 3 4 0\nv 0 4 0\nv 0 0 0\nv 3 0 0\nv 900 0 0\nf 1 2 3 4\n");
  EXPECT_EQ(read_obj_folder(folder.path()).warnings,
            (std::vector<std::string>{folder / "far.obj" + reason + " (as in 1 more shapes)."}));
}

TEST(ObjFolder, AModelWithoutSizeGivesNoWarning) {
  const TempFolder folder;
  folder.write("neutral.obj", "v 0 0 0\nv 0 0 0\nv 0 0 0\nf 1 2 3\n");
  folder.write("a.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n");
  EXPECT_TRUE(read_obj_folder(folder.path()).warnings.empty());
}

TEST(ObjFolder, ErrorsOfTheFolder) {
  const TempFolder folder;
  const auto error = [&] { return error_of([&] { read_obj_folder(folder.path()); }); };
  EXPECT_EQ(error(), folder.path() + ": holds no .obj file, expected a neutral and one file per shape.");
  folder.write("a.obj", quad("0 1 0"));
  EXPECT_EQ(error(),
            folder.path() +
                ": has no .obj file of the rest shape, expected one with \"neutral\" in its name, or one whose "
                "name or last word is basis, rest, default or base.");
  folder.write("a_rest.obj", quad("0 1 0"));
  folder.write("Base.obj", quad("0 1 0"));
  EXPECT_EQ(error(),
            folder.path() + ": has two .obj files that may be the rest shape, Base.obj and a_rest.obj, expected one.");
  folder.write("neutral1.obj", quad("0 1 0"));
  folder.write("neutral2.obj", quad("0 1 0"));
  EXPECT_EQ(
      error(),
      folder.path() + ": has two .obj files that may be the rest shape, neutral1.obj and neutral2.obj, expected one.");
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
  EXPECT_EQ(list_of(alone.vert_offsets), list_of(model.vert_offsets));
  EXPECT_EQ(list_of(alone.delta_shape), list_of(model.delta_shape));
  EXPECT_EQ(list_of(alone.deltas), list_of(model.deltas));
}

}  // namespace
}  // namespace bisque
