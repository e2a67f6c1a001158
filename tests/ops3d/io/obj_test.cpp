#include <bisque/ops3d/io/obj.h>

#include <cstdlib>
#include <filesystem>

#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;
using Ints = std::vector<int32_t>;

MeshData parse(const std::string& text) { return parse_obj(text, "f.obj"); }

std::string error_in(const std::string& text) {
  return error_of([&] { parse(text); });
}

const std::string kVerts = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv 2 2 2\n";  // 5 lines

TEST(Obj, ReadsVertsAndTriangles) {
  const MeshData mesh = parse("v 1 -2.5 3e-1\nv .5 5. +1\nv 0 0 1E2\nf 1 2 3\n");
  EXPECT_EQ(mesh.verts, (std::vector<float>{1, -2.5F, 0.3F, 0.5F, 5, 1, 0, 0, 100}));
  EXPECT_EQ(mesh.faces, (Ints{0, 1, 2}));
  EXPECT_TRUE(mesh.uvs.empty() && mesh.uv_faces.empty() && mesh.group_names.empty() && mesh.face_groups.empty());
  EXPECT_TRUE(mesh.polygon_sizes.empty());
  EXPECT_TRUE(mesh.warnings.empty());
}

TEST(Obj, NumbersAreThoseOfStrtof) {
  std::srand(1);
  std::string text;
  std::vector<float> expected;
  for (int i = 0; i < 3000; ++i) {
    char number[64];
    const double value = (std::rand() - RAND_MAX / 2) * 1e-9 * std::rand() / RAND_MAX;
    std::snprintf(number, sizeof(number), i % 2 == 0 ? "%.6f" : "%.9g", value);
    text += (i % 3 == 0 ? "\nv " : " ") + std::string(number);
    expected.push_back(std::strtof(number, nullptr));
  }
  EXPECT_EQ(parse(text + "\nf 1 2 3\n").verts, expected);
}

TEST(Obj, PolygonsBecomeFansInFileOrder) {
  const MeshData mesh = parse(kVerts + "f 1 2 3\nf 4 3 2 1 5\nf 2 3 4 5\n");
  EXPECT_EQ(mesh.faces, (Ints{0, 1, 2, 3, 2, 1, 3, 1, 0, 3, 0, 4, 1, 2, 3, 1, 3, 4}));
  EXPECT_EQ(mesh.polygon_sizes, (Ints{3, 5, 4}));
}

TEST(Obj, DegenerateFacesAreKept) { EXPECT_EQ(parse(kVerts + "f 1 1 1\nf 1 2 1\n").faces, (Ints{0, 0, 0, 0, 1, 0})); }

TEST(Obj, ConcavePolygonsAreCoveredWithoutTheirNotches) {
  const std::string path = case_file("obj_concave_ngon.obj");
  const MeshData mesh = read_obj(path);
  ASSERT_EQ(mesh.num_faces(), 6);
  double area = 0;
  for (size_t i = 0; i < mesh.faces.size(); i += 3) {
    const auto at = [&](size_t k) { return &mesh.verts[static_cast<size_t>(mesh.faces[i + k]) * 3]; };
    const float *a = at(0), *b = at(1), *c = at(2);
    const double twice = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    EXPECT_GT(twice, 0);
    area += twice / 2;
  }
  EXPECT_DOUBLE_EQ(area, 2 * 2 - 1 * 1.5);
}

TEST(Obj, CornersMayHaveUvsAndNormals) {
  const MeshData mesh = parse(kVerts + "vt 0.25 0.75\nvt 1\nvn 0 0 1\nf 1/1/1 2/2 3//1\nf 1 2/2/ 3/\n");
  EXPECT_EQ(mesh.uvs, (std::vector<float>{0.25F, 0.75F, 1, 0}));
  EXPECT_EQ(mesh.faces, (Ints{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(mesh.uv_faces, (Ints{0, 1, -1, -1, 1, -1}));
}

TEST(Obj, CornersMayEndWithSlashes) {
  const std::string text = kVerts + "vt 0 0\nvt 1 1\n";
  for (const std::string face : {"f 1/ 2/ 3/", "f 1// 2// 3//", "f\t1/\t2//  3/ ", "f 1/ 2 3//", "f 1/\\\n2/ 3/",
                                 "f 1/ 2/ 3/\r\nf 1/ 2/ 3/\r", "f 1/ 2/ 3/ # c"}) {
    const MeshData mesh = parse(text + face);
    EXPECT_EQ(Ints(mesh.faces.begin(), mesh.faces.begin() + 3), (Ints{0, 1, 2})) << face;
    EXPECT_EQ(Ints(mesh.uv_faces.begin(), mesh.uv_faces.begin() + 3), (Ints{-1, -1, -1})) << face;
  }
  EXPECT_EQ(parse(text + "f 1/2/ 2/1/ 3/\n").uv_faces, (Ints{1, 0, -1}));
  EXPECT_EQ(parse(text + "f 1/ 2/ 3/\nf 1/2 2/1 3\n").uv_faces, (Ints{-1, -1, -1, 1, 0, -1}));
}

TEST(Obj, AByteOrderMarkIsSkipped) {
  const std::string path = case_file("obj_bom.obj");
  const MeshData mesh = read_obj(path);
  EXPECT_EQ(mesh.num_verts(), 5);
  EXPECT_EQ(mesh.faces, (Ints{0, 1, 2, 0, 2, 3}));
  EXPECT_TRUE(mesh.warnings.empty());
  // Files that were joined have one in the middle.
  EXPECT_EQ(parse("v 0 0 0\nv 1 0 0\n\xEF\xBB\xBFv 0 1 0\nf 1 2 3\n\xEF\xBB\xBF").num_verts(), 3);
  EXPECT_EQ(error_in("\xEF\xBB\xBF"), "f.obj: has no verts, expected an OBJ file with v and f lines.");
}

TEST(Obj, ABackslashContinuesALine) {
  const MeshData expected = parse(kVerts + "f 1 2 3 4\nusemtl a b\nf 2 3 4\n");
  for (const std::string end : {"\\\n", " \\\n", "\\\r\n", " \\\r", "\\ \t\n"}) {
    const std::string text = kVerts + "f 1" + end + " 2 3" + end + "4\nusemtl a \\\n b\nf" + end + "2 3 4\n";
    const MeshData mesh = parse(text);
    EXPECT_EQ(mesh.faces, expected.faces) << text;
    EXPECT_EQ(mesh.face_groups, expected.face_groups) << text;
  }
  EXPECT_EQ(parse("v 0 \\\n0 0\nv 1 0 0\nv 0 1 \\\n\\\n 0\nf 1 2 3\\").verts,
            (std::vector<float>{0, 0, 0, 1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(error_in("v 0 \\\n0 \\\nx\n"), "f.obj: line 1: \"x\" is not a number.");
  EXPECT_EQ(error_in("v 0 \\\n0 0\nv x\n"), "f.obj: line 3: \"x\" is not a number.");
}

TEST(Obj, ABackslashThatEndsACommentOrANameContinuesNothing) {
  const MeshData mesh = parse("# C:\\models\\\nv 0 0 0\nv 1 0 0\nv 0 1 0 # the last \\\ng C:\\\nf 1 2 3\n");
  EXPECT_EQ(mesh.num_verts(), 3);
  EXPECT_EQ(mesh.group_names, (std::vector<std::string>{"C:\\"}));
}

TEST(Obj, ReadsAFileWithContinuedLines) {
  const std::string path = case_file("obj_backslash.obj");
  std::string text = read_file(path);
  for (size_t at = text.find("\\\n"); at != std::string::npos; at = text.find("\\\n")) text.replace(at, 2, " ");
  const MeshData mesh = read_obj(path), joined = parse(text);
  EXPECT_EQ(mesh.num_verts(), 600);
  EXPECT_EQ(mesh.polygon_sizes.size(), 576U);
  EXPECT_EQ(mesh.faces, joined.faces);
}

TEST(Obj, ValuesMayBeFollowedByComments) {
  const MeshData mesh =
      parse("v 0 0 0 # a 1\nv 1 0 0# b\nv 0 1 0 #\nvt 0 0 # x\nusemtl Material #25\nf 1/1 2/1 3/1 # 4 x\nf 1 2 3#\n");
  EXPECT_EQ(mesh.verts, (std::vector<float>{0, 0, 0, 1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(mesh.faces, (Ints{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(mesh.uv_faces, (Ints{0, 0, 0, -1, -1, -1}));
  EXPECT_EQ(mesh.group_names, (std::vector<std::string>{"Material #25"}));
  EXPECT_TRUE(mesh.warnings.empty());
  EXPECT_EQ(error_in("v 0 0 # 0\n"), "f.obj: line 1: has 2 numbers, expected at least 3.");
}

TEST(Obj, FacesOfFewerThanThreeCornersAreSkippedAndCounted) {
  const MeshData mesh = parse(kVerts + "usemtl a\nf 1 2 3\nf 1 2\nusemtl b\nf\nf 1\nf 1 9\nf 2 3 4 5\n");
  EXPECT_EQ(mesh.faces, (Ints{0, 1, 2, 1, 2, 3, 1, 3, 4}));
  EXPECT_EQ(mesh.face_groups, (Ints{0, 1, 1}));
  EXPECT_EQ(mesh.polygon_sizes, (Ints{3, 4}));
  EXPECT_EQ(mesh.warnings,
            (std::vector<std::string>{"f.obj: skips faces of fewer than 3 corners (4, the first is line 8)."}));
  EXPECT_EQ(error_in(kVerts + "f 1 2\n"),
            "f.obj: has no faces of 3 or more corners, expected an OBJ file with v and f lines.");
  const std::string path = case_file("obj_two_corner_face.obj");
  EXPECT_EQ(read_obj(path).warnings,
            (std::vector<std::string>{path + ": skips faces of fewer than 3 corners (1, the first is line 1177)."}));
}

TEST(Obj, NegativeIndicesCountBackFromTheFace) {
  const MeshData mesh = parse("v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nf -3/-1 -2/-1 -1/-1\nv 5 5 5\nf -1 -2 -3\n");
  EXPECT_EQ(mesh.faces, (Ints{0, 1, 2, 3, 2, 1}));
  EXPECT_EQ(mesh.uv_faces, (Ints{0, 0, 0, -1, -1, -1}));
}

TEST(Obj, FacesMayStandBeforeTheirVerts) { EXPECT_EQ(parse("f 1 2 3\n" + kVerts).faces, (Ints{0, 1, 2})); }

TEST(Obj, MaterialsAreGroups) {
  const MeshData mesh =
      parse(kVerts + "g ignored\nf 1 2 3\nusemtl skin\nf 1 2 3 4\nusemtl  eye left \nf 1 2 3\nusemtl skin\nf 1 2 3\n");
  EXPECT_EQ(mesh.group_names, (std::vector<std::string>{"skin", "eye left"}));
  EXPECT_EQ(mesh.face_groups, (Ints{-1, 0, 0, 1, 0}));
}

TEST(Obj, GroupsAndObjectsStandInForMaterials) {
  const MeshData mesh = parse(kVerts + "f 1 2 3\no head\nf 1 2 3\ng a b\nf 1 2 3\ng\nf 1 2 3\n");
  EXPECT_EQ(mesh.group_names, (std::vector<std::string>{"head", "a b"}));
  EXPECT_EQ(mesh.face_groups, (Ints{-1, 0, 1, -1}));
}

TEST(Obj, NamesThatAreNotUtf8AreLatin1) {
  EXPECT_EQ(parse(kVerts + "usemtl \xE9t\xE9\nf 1 2 3\n").group_names, (std::vector<std::string>{"été"}));
}

TEST(Obj, AllLineEndsAreTheSame) {
  const MeshData expected = parse(kVerts + "usemtl a\nf 1 2 3 4");
  for (const std::string end : {"\n", "\r\n", "\r", "  \r\n", "\n\n \t\n# c\n"}) {
    std::string text;
    for (const char c : kVerts + "usemtl a\nf 1 2 3 4\n") text += c == '\n' ? end : std::string(1, c);
    const MeshData mesh = parse(text);
    EXPECT_EQ(mesh.verts, expected.verts);
    EXPECT_EQ(mesh.faces, expected.faces);
    EXPECT_EQ(mesh.group_names, expected.group_names);
  }
}

TEST(Obj, VertsMayHaveWeightsAndColours) {
  EXPECT_EQ(parse("v 1 2 3 0.5\nv 1 2 3 0.1 0.2 0.3\nv\t4\t5\t6\nf 1 2 3\n").verts,
            (std::vector<float>{1, 2, 3, 1, 2, 3, 4, 5, 6}));
}

TEST(Obj, ErrorsNameTheLine) {
  EXPECT_EQ(error_in("v 0 0 0\nv 0 x 0\n"), "f.obj: line 2: \"x\" is not a number.");
  EXPECT_EQ(error_in("v 0 0\n"), "f.obj: line 1: has 2 numbers, expected at least 3.");
  EXPECT_EQ(error_in("vt\n"), "f.obj: line 1: has 0 numbers, expected at least 1.");
  EXPECT_EQ(error_in(kVerts + "f 1 2 6\n"), "f.obj: line 6: refers to vertex 6, but the file has 5.");
  EXPECT_EQ(error_in(kVerts + "f 1/1 2/1 3/1\n"), "f.obj: line 6: refers to texture coordinate 1, but the file has 0.");
  EXPECT_EQ(error_in(kVerts + "f 1 2 -6\n"), "f.obj: line 6: refers to vertex -6, but only 5 precede it.");
  EXPECT_EQ(error_in("v 0 0 0\rv 1 0 0\rf 1 2 -3\rv 1 1 1\rv x\r"),
            "f.obj: line 3: refers to vertex -3, but only 2 precede it.");
  EXPECT_EQ(error_in("# c\r\rv nan 0 0\r"), "f.obj: line 3: \"nan\" is not a number.");
}

TEST(Obj, NumbersThatAreNotFiniteDecimalsAreErrors) {
  for (const char* word : {"nan", "inf", "-inf", "0x10", "1,5", "1.2.3", "--1", ".", "+", "e5", "1e", "1e+", "1e99999",
                           "1f", "\\x", "1\xFF"}) {
    EXPECT_NE(error_in(std::string("v 0 0 ") + word + "\n").find("is not a number."), std::string::npos) << word;
  }
  for (const std::string& word : {std::string("1e39"), std::string("-1e999"), "1" + std::string(500, '0'),
                                  "1" + std::string(500, '0') + "e-500"}) {
    EXPECT_EQ(error_in("v 0 0 " + word + "\n"), "f.obj: line 1: has a number beyond the range of float.") << word;
  }
}

TEST(Obj, IndicesThatAreNoIndicesAreErrors) {
  for (const char* corner : {"0", "1/0", "1//0", "4294967297", "99999999999999999999", "-99999999999999999999", "x",
                             "1/x", "1/1/x", "1/1/1/1", "/1", "1.5", "+1", "\\x", "/", "1///"}) {
    const std::string message = error_in(kVerts + "vt 0 0\nf 1 2 " + corner + "\n");
    EXPECT_EQ(message, std::string("f.obj: line 7: \"") + corner + "\" is not indices as in 1, 1/1, 1//1 or 1/1/1.");
  }
  EXPECT_EQ(error_in(kVerts + "f 1 2 2147483647\n"), "f.obj: line 6: refers to vertex 2147483647, but the file has 5.");
  EXPECT_EQ(error_in(kVerts + "f 1 2 -2147483648\n"),
            "f.obj: line 6: refers to vertex -2147483648, but only 5 precede it.");
}

TEST(Obj, AFileWithoutAMeshIsAnError) {
  EXPECT_EQ(error_in(""), "f.obj: has no verts, expected an OBJ file with v and f lines.");
  EXPECT_EQ(error_in("hello\n"), "f.obj: has no verts, expected an OBJ file with v and f lines.");
  EXPECT_EQ(error_in(kVerts), "f.obj: has no faces of 3 or more corners, expected an OBJ file with v and f lines.");
  EXPECT_EQ(error_in(std::string("\x7F"
                                 "ELF\0\0",
                                 6)),
            "f.obj: line 1: has a zero byte, expected text.");
  EXPECT_EQ(error_in(std::string("v 1 2 3\0 4\n", 11)), "f.obj: line 1: has a zero byte, expected text.");
}

TEST(Obj, OtherElementsAreSkippedAndCounted) {
  EXPECT_EQ(parse(kVerts + "f 1 2 3\nl 1 2\np 1\nl 1 \\\n2\n").warnings,
            (std::vector<std::string>{
                "f.obj: skips \"l\" lines, as only v, vt, vn, f and groups are read (2, the first is line 7).",
                "f.obj: skips \"p\" lines, as only v, vt, vn, f and groups are read (1, the first is line 8)."}));
  EXPECT_TRUE(parse(kVerts + "s off\nvn 0 0 1\nvp 1\nf 1 2 3\n").warnings.empty());
  std::string text = kVerts + "f 1 2 3\n";
  for (int i = 0; i < 20; ++i) text += "x" + std::to_string(i) + "\n";
  const std::vector<std::string> warnings = parse(text).warnings;
  ASSERT_EQ(warnings.size(), 9U);
  EXPECT_EQ(warnings[8],
            "f.obj: skips other lines, as only v, vt, vn, f and groups are read (12, the first is line 15).");
}

TEST(Obj, LongLinesAndManyCornersAreRead) {
  std::string face = "f";
  for (int i = 0; i < 1'000'000; ++i) face += " 1 2 3";
  const MeshData mesh =
      parse(kVerts + face + "\n#" + std::string(10'000'000, 'x') + "\ng " + std::string(1'000'000, 'y') + "\n");
  EXPECT_EQ(mesh.num_faces(), 2'999'998);
  EXPECT_EQ(mesh.polygon_sizes, (Ints{3'000'000}));
}

TEST(Obj, EveryTruncationIsAnErrorOrAWholeMesh) {
  const std::string text = kVerts + "vt 0 0\nusemtl a\nf 1/1 2/1 3/1 4/1\nf -5 -4 -3\n";
  for (size_t size = 0; size < text.size(); ++size) {
    try {
      EXPECT_GT(parse(text.substr(0, size)).num_faces(), 0);
    } catch (const Error&) {
    }
  }
}

TEST(Obj, AMissingMaterialFileIsAWarning) {
  const TempFolder folder;
  folder.write("there.mtl", "newmtl a\n");
  const std::string path = folder.write("f.obj", "mtllib there.mtl\nmtllib gone.mtl\n" + kVerts + "f 1 2 3\n");
  EXPECT_EQ(read_obj(path).warnings,
            (std::vector<std::string>{path + ": the material file \"gone.mtl\" that it names is missing."}));
  folder.write("two words.mtl", "newmtl a\n");
  folder.write("f.obj",
               "mtllib two words.mtl\nmtllib no words.mtl\nmtllib there.mtl gone.mtl\n" + kVerts + "f 1 2 3\n");
  EXPECT_EQ(read_obj(path).warnings,
            (std::vector<std::string>{path + ": the material file \"no words.mtl\" that it names is missing.",
                                      path + ": the material file \"gone.mtl\" that it names is missing."}));
}

TEST(Obj, ReadsTheIctNeutral) {
  BISQUE_NEEDS_SHARED(path, "ict_face/generic_neutral_mesh.obj");
  const MeshData mesh = read_obj(path);
  EXPECT_EQ(mesh.num_verts(), 26'719);
  EXPECT_EQ(mesh.num_faces(), 52'220);
  EXPECT_EQ(mesh.polygon_sizes.size(), 26'384U);
  EXPECT_EQ(mesh.uvs.size() / 2, 28'911U);
  EXPECT_EQ(mesh.group_names.size(), 12U);
  EXPECT_EQ(mesh.group_names[0], "M_Face");
  EXPECT_EQ(std::vector<int32_t>(mesh.faces.begin(), mesh.faces.begin() + 6), (Ints{873, 11, 870, 873, 870, 872}));
  EXPECT_TRUE(mesh.warnings.empty());
}

}  // namespace
}  // namespace bisque
