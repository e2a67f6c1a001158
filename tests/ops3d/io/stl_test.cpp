#include <bisque/ops3d/io/stl.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>

#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;
using StlInts = std::vector<int32_t>;
using StlFloats = std::vector<float>;

MeshData parsed_stl(const std::string& bytes, const StlOptions& options = {}) {
  return parse_stl(bytes, "f.stl", options);
}

std::string stl_error(const std::string& bytes) {
  return error_of([&] { parsed_stl(bytes); });
}

std::string binary_stl(const std::vector<StlFloats>& triangles, std::string header = "") {
  header.resize(80, ' ');
  std::string bytes = header + little_endian(triangles.size(), 4);
  for (const StlFloats& corners : triangles) bytes += raw(StlFloats{9, 9, 9}) + raw(corners) + "ab";
  return bytes;
}

std::string facet(const std::string& a, const std::string& b, const std::string& c) {
  return " facet normal 0 0 1\n  outer loop\n   vertex " + a + "\n   vertex " + b + "\n   vertex " + c +
         "\n  endloop\n endfacet\n";
}

// Two triangles that share an edge.
const std::vector<StlFloats> kTwo{{0, 0, 0, 1, 0, 0, 0, 1, 0}, {1, 0, 0, 1, 1, 0.5F, -0.0F, 1, 0}};
const std::string kTwoText = facet("0 0 0", "1 0 0", "0 1 0") + facet("1 0 0", "1 1 5e-1", "-0 1 0");
const StlFloats kStlVerts{0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0.5F};
const StlInts kStlFaces{0, 1, 2, 1, 3, 2};

TEST(Stl, ReadsBinaryFilesAlsoIfTheyBeginWithSolid) {
  for (const std::string header : {"", "solid", "solid of a program"}) {
    const MeshData mesh = parsed_stl(binary_stl(kTwo, header));
    EXPECT_EQ(mesh.verts, kStlVerts) << header;
    EXPECT_EQ(mesh.faces, kStlFaces) << header;
    EXPECT_TRUE(mesh.normals.empty() && mesh.group_names.empty() && mesh.face_groups.empty() && mesh.warnings.empty());
  }
}

TEST(Stl, ReadsAsciiFiles) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string text;
    for (const char c : "solid a name\n" + kTwoText + "endsolid a name\n") text += c == '\n' ? end : std::string(1, c);
    const MeshData mesh = parsed_stl(text);
    EXPECT_EQ(mesh.verts, kStlVerts);
    EXPECT_EQ(mesh.faces, kStlFaces);
    EXPECT_TRUE(mesh.group_names.empty() && mesh.face_groups.empty());
  }
  EXPECT_EQ(
      parsed_stl(" \n SOLID\nFacet Normal nan nan nan Outer Loop\nVertex 1 2 3\nVERTEX 1 2 3\nvertex 1 2 3\nEndLoop "
                 "EndFacet\nEndSolid")
          .faces,
      (StlInts{0, 0, 0}));
  EXPECT_EQ(parsed_stl("solid\nendsolid\n").num_faces(), 0);
}

TEST(Stl, SolidsAreGroups) {
  const MeshData mesh = parsed_stl("solid a b\n" + kTwoText + "endsolid\nsolid\nendsolid\nsolid c\n" +
                                   facet("0 0 0", "1 0 0", "0 0 7") + "endsolid c\n");
  EXPECT_EQ(mesh.group_names, (std::vector<std::string>{"a b", "", "c"}));
  EXPECT_EQ(mesh.face_groups, (StlInts{0, 0, 2}));
  EXPECT_EQ(mesh.num_verts(), 5);  // solids share verts
}

TEST(Stl, VertsMayBeKeptAsInTheFile) {
  const MeshData mesh = parsed_stl(binary_stl(kTwo), {.merge_verts = false});
  EXPECT_EQ(mesh.num_verts(), 6);
  EXPECT_EQ(mesh.faces, (StlInts{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(StlFloats(mesh.verts.begin(), mesh.verts.begin() + 9), kTwo[0]);
}

TEST(Stl, MergesExactlyEqualVerts) {
  std::srand(5);
  std::vector<StlFloats> triangles;
  StlFloats corners;
  for (int i = 0; i < 4000; ++i) {
    triangles.emplace_back();
    for (int k = 0; k < 9; ++k) triangles.back().push_back(static_cast<float>(std::rand() % 12) / 7);
    corners.insert(corners.end(), triangles.back().begin(), triangles.back().end());
  }
  std::map<std::vector<float>, int32_t> verts;  // of each position, in order of appearance
  StlInts faces;
  for (size_t i = 0; i < corners.size(); i += 3) {
    const StlFloats position(corners.begin() + static_cast<ptrdiff_t>(i),
                             corners.begin() + static_cast<ptrdiff_t>(i) + 3);
    faces.push_back(verts.emplace(position, static_cast<int32_t>(verts.size())).first->second);
  }
  const MeshData mesh = parsed_stl(binary_stl(triangles));
  EXPECT_EQ(mesh.faces, faces);
  EXPECT_EQ(mesh.num_verts(), static_cast<int64_t>(verts.size()));
}

TEST(Stl, NumbersThatAreNotFiniteAreKept) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  const MeshData mesh = parsed_stl(binary_stl({{nan, 0, 0, nan, 0, 0, inf, -inf, 0}}));
  EXPECT_EQ(mesh.faces, (StlInts{0, 0, 1}));
  EXPECT_TRUE(std::isnan(mesh.verts[0]));
  EXPECT_EQ(mesh.verts[3], inf);
}

TEST(Stl, Errors) {
  EXPECT_EQ(stl_error(""), "f.stl: is not an STL file, expected \"solid\" or 84 bytes first.");
  EXPECT_EQ(stl_error(std::string(83, 'x')), "f.stl: is not an STL file, expected \"solid\" or 84 bytes first.");
  const std::string binary = binary_stl(kTwo);
  EXPECT_EQ(stl_error(binary.substr(0, 183)), "f.stl: byte 183: ends in triangle 1, but says that it has 2 triangles.");
  EXPECT_EQ(stl_error(std::string(80, ' ') + "\xFF\xFF\xFF\xFF"),
            "f.stl: byte 84: ends in triangle 0, but says that it has 4294967295 triangles.");
  EXPECT_EQ(parsed_stl(binary + "more").warnings,
            (std::vector<std::string>{"f.stl: ignores 4 bytes after its last triangle."}));
  EXPECT_EQ(stl_error("solid\nfacets\n"), "f.stl: line 2: \"facets\" is not expected, expected facet or endsolid.");
  EXPECT_EQ(stl_error("solid\n"), "f.stl: line 1: the file ends, expected facet or endsolid.");
  EXPECT_EQ(stl_error("solid\nendsolid\nsolids"), "f.stl: line 3: \"solids\" is not expected, expected solid.");
  EXPECT_EQ(stl_error("solid\nfacet normal 0 0 1\nouter loop\nvertex 0 0\n"),
            "f.stl: line 4: ends early, expected a number.");
  EXPECT_EQ(stl_error("solid\nfacet normal 0 0 1\nouter loop\nvertex 0 0 a\n"),
            "f.stl: line 4: \"a\" is not a number.");
  EXPECT_EQ(stl_error("solid\nfacet normal 0 0 1\nouter loop\nvertex 0 0 1e39\n"),
            "f.stl: line 4: \"1e39\" is beyond the range of float.");
  EXPECT_EQ(stl_error("solid\nfacet normal 0 0 1\nouter loop\nvertex 0 0 1\nvertex 0 0 1\nendloop\n"),
            "f.stl: line 6: \"endloop\" is not expected, expected vertex.");
}

TEST(Stl, WritesWhatItReads) {
  const TempFolder folder;
  MeshData mesh;
  mesh.verts = {0, 0, 0.1F, 1, 0, 1e-7F, 1, 1, -3e30F, 5, 5, 5};
  mesh.faces = {0, 1, 2, 2, 1, 3};
  for (const bool binary : {false, true}) {
    write_stl(folder / "a.stl", mesh, {.binary = binary});
    const MeshData read = read_stl(folder / "a.stl");
    EXPECT_EQ(read.verts, mesh.verts);
    EXPECT_EQ(read.faces, mesh.faces);
  }
  mesh.faces = {0, 1, 4};
  EXPECT_EQ(error_of([&] { write_stl(folder / "b.stl", mesh); }), "The mesh's faces hold index 4, expected 0 to 3.");
  EXPECT_EQ(folder.num_files(), 1U);
}

TEST(Stl, WritesNormals) {
  const TempFolder folder;
  MeshData mesh;
  mesh.verts = {0, 0, 0, 0, 2, 0, 0, 0, 3e20F};
  mesh.faces = {0, 1, 2, 0, 0, 1};
  write_stl(folder / "a.stl", mesh, {.binary = false});
  EXPECT_EQ(
      read_file(folder / "a.stl"),
      "solid bisque\nfacet normal 1 0 0\nouter loop\nvertex 0 0 0\nvertex 0 2 0\nvertex 0 0 3e+20\nendloop\nendfacet\n"
      "facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 0 0 0\nvertex 0 2 0\nendloop\nendfacet\nendsolid bisque\n");
  write_stl(folder / "a.stl", mesh);
  const std::string bytes = read_file(folder / "a.stl");
  EXPECT_EQ(bytes.size(), 84U + 100U);
  EXPECT_EQ(bytes.substr(84, 12), raw(StlFloats{1, 0, 0}));
}

}  // namespace
}  // namespace bisque
