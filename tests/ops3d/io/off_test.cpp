#include <bisque/ops3d/io/off.h>

#include <cmath>

#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;
using OffInts = std::vector<int32_t>;
using OffFloats = std::vector<float>;

MeshData parsed_off(const std::string& text) { return parse_off(text, "f.off"); }

std::string off_error(const std::string& text) {
  return error_of([&] { parsed_off(text); });
}

const std::string kCorners = "0 0 0\n1 0 0\n1 1 0\n0 1 0\n";

TEST(Off, ReadsVertsAndPolygons) {
  const MeshData mesh = parsed_off("OFF\n4 2 0\n0 0 -.5\n1 0 0\n1 1 1e1\n0 1 0\n3 0 1 2\n4 0 1 2 3\n");
  EXPECT_EQ(mesh.verts, (OffFloats{0, 0, -0.5F, 1, 0, 0, 1, 1, 10, 0, 1, 0}));
  EXPECT_EQ(mesh.faces, (OffInts{0, 1, 2, 0, 1, 2, 0, 2, 3}));
  EXPECT_EQ(mesh.polygon_sizes, (OffInts{3, 4}));
  EXPECT_TRUE(mesh.colors.empty() && mesh.normals.empty() && mesh.face_colors.empty() && mesh.warnings.empty());
}

TEST(Off, TheHeaderHasManyForms) {
  const std::string rest = kCorners + "3 0 1 2\n";
  for (const std::string head :
       {"OFF\n4 1 0\n", "OFF 4 1 0\n", "OFF4 1 0\n", "4 1 0\n", "# c\n\nOFF # d\n# e\n 4 1\n", "OFF\r\n4 1 0\r\n"}) {
    EXPECT_EQ(parsed_off(head + rest).faces, (OffInts{0, 1, 2})) << head;
  }
  EXPECT_EQ(parsed_off("OFF\n4 1 0 # counts\n# verts\n0 0 0 # first\n\n1 0 0\n1 1 0\n0 1 0\n\n3 0 1 2 # f").num_faces(),
            1);
}

TEST(Off, ReadsNormalsAndColorsOfVerts) {
  const OffFloats colors{1, 0, 0.4F, 0, 1, 0.2F};
  const auto check = [&](const MeshData& mesh, int32_t channels, bool has_normals) {
    EXPECT_EQ(mesh.verts, (OffFloats{0, 0, 0, 1, 2, 3}));
    EXPECT_EQ(mesh.normals, has_normals ? (OffFloats{0, 0, 1, 0, 1, 0}) : OffFloats());
    ASSERT_EQ(mesh.colors.channels, channels);
    for (size_t v = 0; v < 2; ++v) {
      for (size_t k = 0; k < 3; ++k) {
        EXPECT_FLOAT_EQ(mesh.colors.values[v * static_cast<size_t>(channels) + k], colors[v * 3 + k]);
      }
    }
  };
  check(parsed_off("COFF 2 0 0\n0 0 0 255 0 102\n1 2 3 0 255 51\n"), 3, false);
  check(parsed_off("OFF 2 0 0\n0 0 0 1.0 0 0.4\n1 2 3 0 1 0.2\n"), 3, false);
  check(parsed_off("COFF 2 0 0\n0 0 0 255 0 102 255\n1 2 3 0 255 51 0\n"), 4, false);
  check(parsed_off("CNOFF 2 0 0\n0 0 0 0 0 1 255 0 102\n1 2 3 0 1 0 0 255 51\n"), 3, true);
  EXPECT_EQ(parsed_off("NOFF 2 0 0\n0 0 0 0 0 1\n1 2 3 0 1 0\n").normals, (OffFloats{0, 0, 1, 0, 1, 0}));
}

TEST(Off, ReadsColorsOfFaces) {
  const std::string head = "OFF 4 3 0\n" + kCorners;
  const MeshData mesh = parsed_off(head + "4 0 1 2 3 0 0 1\n2 0 1 9 9 9\n3 0 1 2\n");  // the 9s are of a skipped face
  EXPECT_EQ(mesh.num_faces(), 3);
  ASSERT_EQ(mesh.face_colors.channels, 3);
  EXPECT_EQ(mesh.face_colors.values, (OffFloats{0, 0, 1.0F / 255, 0, 0, 1.0F / 255, 1, 1, 1}));
  EXPECT_EQ(mesh.warnings.size(), 1U);
  const MeshData mixed = parsed_off(head + "3 0 1 2 255 0 0 51\n3 0 1 2 0 255 0\n3 0 1 2\n");
  ASSERT_EQ(mixed.face_colors.channels, 4);
  EXPECT_EQ(mixed.face_colors.values, (OffFloats{1, 0, 0, 0.2F, 0, 1, 0, 1, 1, 1, 1, 1}));
  const MeshData floats = parsed_off(head + "3 0 1 2\n3 0 1 2 0.5 0 1\n3 0 1 2\n");
  EXPECT_EQ(floats.face_colors.values, (OffFloats{1, 1, 1, 0.5F, 0, 1, 1, 1, 1}));
  const MeshData indexed = parsed_off(head + "3 0 1 2 7\n3 0 1 2 8\n3 0 1 2\n");
  EXPECT_TRUE(indexed.face_colors.empty());
  EXPECT_EQ(indexed.warnings,
            (std::vector<std::string>{"f.off: ignores the colours of faces that are indices of a colour map."}));
}

TEST(Off, CloudsAndEmptyMeshesAreRead) {
  EXPECT_EQ(parsed_off("OFF\n1 0 0\nnan inf -inf\n").num_verts(), 1);
  EXPECT_TRUE(parsed_off("OFF\n0 0 0\n").verts.empty());
}

TEST(Off, Errors) {
  EXPECT_EQ(off_error(""), "f.off: ends after line 0, expected OFF.");
  EXPECT_EQ(off_error("ply\n"), "f.off: line 1: has \"ply\", expected OFF.");
  for (const std::string kind : {"4OFF", "nOFF", "STOFF", "STCN4nOFF"}) {
    EXPECT_EQ(off_error(kind + "\n"),
              "f.off: line 1: \"" + kind + "\" is not supported, expected OFF, COFF, NOFF or CNOFF.");
  }
  EXPECT_EQ(off_error("OFF BINARY\n"), "f.off: line 1: has a binary OFF file, expected an ascii one.");
  EXPECT_EQ(off_error("OFF\n"), "f.off: ends after line 1, expected the numbers of verts and faces.");
  EXPECT_EQ(off_error("OFF\n4\n"), "f.off: line 2: ends early, expected an integer.");
  EXPECT_EQ(off_error("OFF\n-4 0 0\n"),
            "f.off: line 2: \"-4\" is out of range, expected an integer from 0 to 2147483647.");
  EXPECT_EQ(off_error("OFF\n2000000000 9000000000000000000 0\n"),
            "f.off: line 2: has 2000000000 verts and 9000000000000000000 faces, but only 0 bytes follow.");
  EXPECT_EQ(off_error("OFF 1 0 0\n0 0      \n"), "f.off: line 2: ends early, expected a number.");
  EXPECT_EQ(off_error("OFF 1 0 0\n0 0 x\n"), "f.off: line 2: \"x\" is not a number.");
  EXPECT_EQ(off_error("OFF 1 0 0\n\n\n\n\n\n\n"), "f.off: ends after line 7, expected a vertex.");
  EXPECT_EQ(off_error("OFF 1 0 0\n0 0 0 1\n"), "f.off: line 2: has a colour of 1 values, expected 3 or 4.");
  EXPECT_EQ(off_error("COFF 1 0 0\n0 0 0\n"), "f.off: line 2: has a colour of 0 values, expected 3 or 4.");
  EXPECT_EQ(off_error("OFF 2 0 0\n0 0 0\n0 0 0 1 1 1\n"), "f.off: line 3: has more values than the verts before it.");
  EXPECT_EQ(off_error("OFF 2 0 0\n0 0 0 1 1 1\n0 0 0\n"), "f.off: line 3: has no colour, unlike the verts before it.");
  EXPECT_EQ(off_error("OFF 2 0 0\n0 0 0 1 1 1\n0 0 0 1 1 1 1\n"),
            "f.off: line 3: has a colour of 4 values, expected 3 as before.");
  const std::string head = "OFF 4 1 0\n" + kCorners;
  EXPECT_EQ(off_error(head + "3 0 1 4\n"), "f.off: face 0 refers to vertex 4, but the file has 4 verts.");
  EXPECT_EQ(off_error(head + "3 0 1 -1\n"), "f.off: face 0 refers to vertex -1, but the file has 4 verts.");
  EXPECT_EQ(off_error(head + "3 0 1\n"), "f.off: line 6: ends early, expected an integer.");
  EXPECT_EQ(off_error(head + "-1\n"),
            "f.off: line 6: \"-1\" is out of range, expected an integer from 0 to 2147483647.");
  EXPECT_EQ(off_error(head + "3 0 1 2 1 1\n"),
            "f.off: line 6: has 2 values after its corners, expected a colour of 3 or 4.");
  EXPECT_EQ(off_error(head + "3 0 1 2 1 1 1 1 1\n"),
            "f.off: line 6: has 5 values after its corners, expected a colour of 3 or 4.");
  EXPECT_EQ(off_error(head + "3 0 1 2\n3 0 1 2\n"), "f.off: line 7: follows the last face.");
}

TEST(Off, WritesWhatItReads) {
  const TempFolder folder;
  MeshData mesh;
  mesh.verts = {0, 0, 0.1F, 1, 0, 1e-7F, 1, 1, -3e30F};
  mesh.faces = {0, 1, 2, 2, 1, 0};
  for (const bool with_normals : {false, true}) {
    for (const int channels : {0, 3, 4}) {
      mesh.normals = with_normals ? OffFloats{0, 0, 1, 0, 1, 0, 1, 0, 0} : OffFloats();
      mesh.colors = {OffFloats(static_cast<size_t>(3 * channels), 0.3F), channels == 0 ? 3 : channels};
      mesh.face_colors = {OffFloats(static_cast<size_t>(2 * channels), 0.7F), channels == 0 ? 3 : channels};
      write_off(folder / "a.off", mesh);
      const MeshData read = read_off(folder / "a.off");
      EXPECT_EQ(read.verts, mesh.verts);
      EXPECT_EQ(read.faces, mesh.faces);
      EXPECT_EQ(read.normals, mesh.normals);
      EXPECT_EQ(read.colors.values, mesh.colors.values);
      EXPECT_EQ(read.face_colors.values, mesh.face_colors.values);
    }
  }
}

TEST(Off, WritesAClearText) {
  const TempFolder folder;
  MeshData mesh;
  mesh.verts = {0, 0.5F, 1, 2, -1, 0};
  mesh.colors = {{1, 0.5F, 0, -1, 2, std::nanf("")}, 3};
  mesh.faces = {0, 1, 0};
  mesh.face_colors = {{0, 0.2F, 1}, 3};
  write_off(folder / "a.off", mesh, {.decimal_places = 1, .colors_as_uint8 = true});
  EXPECT_EQ(read_file(folder / "a.off"),
            "COFF\n2 1 0\n0.0 0.5 1.0 255 128 0\n2.0 -1.0 0.0 0 255 0\n3 0 1 0 0 51 255\n");
  mesh.faces = {0, 1, 2};
  EXPECT_EQ(error_of([&] { write_off(folder / "b.off", mesh); }), "The mesh's faces hold index 2, expected 0 to 1.");
  EXPECT_EQ(folder.num_files(), 1U);
}

}  // namespace
}  // namespace bisque
