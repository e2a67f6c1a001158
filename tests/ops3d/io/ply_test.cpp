#include <bisque/ops3d/io/ply.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>
#include <bisque/tests/testing/files.h>
#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;
using PlyInts = std::vector<int32_t>;
using PlyFloats = std::vector<float>;

MeshData parsed_ply(const std::string& bytes) { return parse_ply(bytes, "f.ply"); }

std::string ply_error(const std::string& bytes) {
  return error_of([&] { parsed_ply(bytes); });
}

const std::string kXyz = "property float x\nproperty float y\nproperty float z\n";

std::string header(const std::string& format, const std::string& elements) {
  return "ply\nformat " + format + " 1.0\n" + elements + "end_header\n";
}

std::string vertex_element(int count) { return "element vertex " + std::to_string(count) + "\n" + kXyz; }

std::string face_element(int count, const std::string& type = "list uchar int") {
  return "element face " + std::to_string(count) + "\nproperty " + type + " vertex_indices\n";
}

const std::string kSquare = "0 0 0\n1 0 0\n1 1 0\n0 1 0\n";

// The bytes of values, in either order.
template <class T>
std::string packed(const std::vector<T>& values, bool big) {
  std::string bytes;
  for (const T value : values) {
    const std::string one = raw(std::vector<T>{value});
    bytes += big ? std::string(one.rbegin(), one.rend()) : one;
  }
  return bytes;
}

TEST(Ply, ReadsAsciiMeshes) {
  const MeshData mesh = parsed_ply(header("ascii", vertex_element(4) + face_element(2)) +
                                   "0 0 -0.5\n+1 1e-1 .25\n1 1 3.\n0 1 0\n3 0 1 2\n4 0 1 2 3\n");
  EXPECT_EQ(mesh.verts, (PlyFloats{0, 0, -0.5F, 1, 0.1F, 0.25F, 1, 1, 3, 0, 1, 0}));
  EXPECT_EQ(mesh.faces, (PlyInts{0, 1, 2, 0, 1, 2, 0, 2, 3}));
  EXPECT_EQ(mesh.polygon_sizes, (PlyInts{3, 4}));
  EXPECT_TRUE(mesh.normals.empty() && mesh.colors.empty() && mesh.face_colors.empty() && mesh.warnings.empty());
}

TEST(Ply, ReadsBinaryMeshesOfEveryTypeAndOrder) {
  const auto check = [&]<class Count, class Index>(const char* count_name, const char* index_name, Count, Index) {
    for (const bool big : {false, true}) {
      const std::string type = std::string("list ") + count_name + " " + index_name;
      const MeshData mesh = parsed_ply(
          header(big ? "binary_big_endian" : "binary_little_endian", vertex_element(4) + face_element(2, type)) +
          packed<float>({0, 0, 0.1F, 1, 0, 0, 1, 1, -7, 0, 1, 0}, big) + packed<Count>({3}, big) +
          packed<Index>({2, 1, 0}, big) + packed<Count>({4}, big) + packed<Index>({0, 1, 2, 3}, big));
      EXPECT_EQ(mesh.verts, (PlyFloats{0, 0, 0.1F, 1, 0, 0, 1, 1, -7, 0, 1, 0})) << type << big;
      EXPECT_EQ(mesh.faces, (PlyInts{2, 1, 0, 0, 1, 2, 0, 2, 3})) << type << big;
    }
  };
  const auto with_count = [&]<class Count>(const char* name, Count count) {
    check(name, "char", count, int8_t{});
    check(name, "uint8", count, uint8_t{});
    check(name, "short", count, int16_t{});
    check(name, "uint16", count, uint16_t{});
    check(name, "int32", count, int32_t{});
    check(name, "uint", count, uint32_t{});
  };
  with_count("int8", int8_t{});
  with_count("uchar", uint8_t{});
  with_count("int16", int16_t{});
  with_count("ushort", uint16_t{});
  with_count("int", int32_t{});
  with_count("uint32", uint32_t{});
}

TEST(Ply, ReadsNormalsAndColors) {
  const std::string elements =
      "element vertex 2\nproperty uchar red\n" + kXyz +
      "property uint8 green\nproperty uchar blue\nproperty float nx\nproperty double ny\nproperty float nz\n"
      "property uchar alpha\n";
  const MeshData text = parsed_ply(header("ascii", elements) + "255 1 2 3 0 51 0 0.5 2 255\n0 4 5 6 102 0 1 0 0 0\n");
  EXPECT_EQ(text.verts, (PlyFloats{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(text.normals, (PlyFloats{0, 0.5F, 2, 1, 0, 0}));  // not normalized
  EXPECT_EQ(text.colors.channels, 4);
  const PlyFloats colors{1, 0, 0.2F, 1, 0, 0.4F, 0, 0};
  ASSERT_EQ(text.colors.values.size(), colors.size());
  for (size_t i = 0; i < colors.size(); ++i) EXPECT_FLOAT_EQ(text.colors.values[i], colors[i]);
  EXPECT_TRUE(text.faces.empty() && text.warnings.empty());

  for (const bool big : {false, true}) {
    std::string rows;
    for (const float first : {1.0F, 4.0F}) {
      rows += packed<uint8_t>({static_cast<uint8_t>(first == 1 ? 255 : 0)}, big) +
              packed<float>({first, first + 1, first + 2}, big) +
              packed<uint8_t>({static_cast<uint8_t>(first == 1 ? 0 : 102), static_cast<uint8_t>(first == 1 ? 51 : 0)},
                              big) +
              packed<float>({first == 1 ? 0.0F : 1.0F}, big) + packed<double>({first == 1 ? 0.5 : 0}, big) +
              packed<float>({first == 1 ? 2.0F : 0.0F}, big) +
              packed<uint8_t>({static_cast<uint8_t>(first == 1 ? 255 : 0)}, big);
    }
    const MeshData mesh = parsed_ply(header(big ? "binary_big_endian" : "binary_little_endian", elements) + rows);
    EXPECT_EQ(mesh.verts, text.verts);
    EXPECT_EQ(mesh.normals, text.normals);
    EXPECT_EQ(mesh.colors.values, text.colors.values);
  }
}

TEST(Ply, ColorsOfOtherTypes) {
  const auto colors_of = [](const std::string& type, const std::string& values) {
    const std::string elements = "element vertex 1\n" + kXyz + "property " + type + " red\nproperty " + type +
                                 " green\nproperty " + type + " blue\n";
    return parsed_ply(header("ascii", elements) + "0 0 0 " + values + "\n").colors.values;
  };
  EXPECT_EQ(colors_of("float", "0.5 1 2"), (PlyFloats{0.5F, 1, 2}));
  EXPECT_EQ(colors_of("ushort", "65535 0 0"), (PlyFloats{1, 0, 0}));
  EXPECT_EQ(colors_of("int", "255 0 0"), (PlyFloats{1, 0, 0}));
}

TEST(Ply, FaceColorsFollowTheTriangles) {
  const std::string faces = face_element(3) + "property float red\nproperty float green\nproperty float blue\n";
  const MeshData mesh = parsed_ply(header("ascii", vertex_element(4) + faces) + kSquare +
                                   "4 0 1 2 3 1 0 0\n2 0 1 9 9 9\n3 0 1 2 0 1 0\n");
  EXPECT_EQ(mesh.face_colors.values, (PlyFloats{1, 0, 0, 1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(mesh.num_faces(), 3);
  EXPECT_EQ(mesh.warnings,
            (std::vector<std::string>{"f.ply: skips faces of fewer than 3 corners (1, the first is face 1)."}));
  const MeshData triangles = parsed_ply(header("ascii", vertex_element(4) + faces) + kSquare +
                                        "3 0 1 2 1 0 0\n3 0 2 3 1 1 1\n3 0 1 2 0 1 0\n");
  EXPECT_EQ(triangles.face_colors.values, (PlyFloats{1, 0, 0, 1, 1, 1, 0, 1, 0}));
}

TEST(Ply, SkipsUnknownElementsAndProperties) {
  const std::string elements =
      "element camera 1\nproperty list uchar float focal\nproperty int width\nelement vertex 4\n" + kXyz +
      "property float quality\nproperty list uchar short marks\nelement face 1\nproperty uchar flags\n"
      "property list uchar int vertex_index\nproperty list uchar float texcoord\nelement edge 1\nproperty int a\n"
      "element empty 1000000000000\n";
  const std::vector<std::string> warnings{"f.ply: skips the element \"camera\".",
                                          "f.ply: skips 2 properties of element \"vertex\": quality, marks.",
                                          "f.ply: skips 2 properties of element \"face\": flags, texcoord.",
                                          "f.ply: skips the element \"edge\".", "f.ply: skips the element \"empty\"."};
  const MeshData text = parsed_ply(header("ascii", elements) +
                                   "2 0.5 nothing 640\n0 0 0 1 2 3 4\n1 0 0 1 0\n1 1 0 1 1 7\n0 1 0 1 0\n"
                                   "9 3 0 1 2 6 0 0 0 0 0 0\n7\n");
  EXPECT_EQ(text.faces, (PlyInts{0, 1, 2}));
  EXPECT_EQ(text.verts, (PlyFloats{0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0}));
  EXPECT_EQ(text.warnings, warnings);
  for (const bool big : {false, true}) {
    std::string rows = packed<uint8_t>({2}, big) + packed<float>({0.5F, 1}, big) + packed<int32_t>({640}, big);
    for (int v = 0; v < 4; ++v) {
      rows += packed<float>({static_cast<float>(v == 1 || v == 2), static_cast<float>(v > 1), 0, 1}, big) +
              packed<uint8_t>({static_cast<uint8_t>(v)}, big) + std::string(static_cast<size_t>(2 * v), 'x');
    }
    rows += packed<uint8_t>({9, 3}, big) + packed<int32_t>({0, 1, 2}, big) + packed<uint8_t>({1}, big) +
            packed<float>({8}, big) + packed<int32_t>({7}, big);
    const MeshData mesh = parsed_ply(header(big ? "binary_big_endian" : "binary_little_endian", elements) + rows);
    EXPECT_EQ(mesh.faces, text.faces);
    EXPECT_EQ(mesh.verts, text.verts);
    EXPECT_EQ(mesh.warnings, warnings);
  }
}

TEST(Ply, LinesMayEndInCrlfOrCrAndHoldComments) {
  const std::string text = "ply\ncomment made by x\nformat ascii 1.0\nobj_info y\nelement vertex 1\n" + kXyz +
                           "comment  \n\nend_header\n1 2 3\n\n";
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string other;
    for (const char c : text) other += c == '\n' ? end : std::string(1, c);
    EXPECT_EQ(parsed_ply(other).verts, (PlyFloats{1, 2, 3}));
  }
  // The bytes of a binary file may look like ends of lines.
  const PlyFloats value{std::bit_cast<float>(0x0D0A0D0A), 0, std::bit_cast<float>(0x0A0A0A0A)};
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string other;
    for (const char c : header("binary_little_endian", vertex_element(1))) other += c == '\n' ? end : std::string(1, c);
    EXPECT_EQ(parsed_ply(other + raw(value)).verts, value);
  }
}

TEST(Ply, NumbersThatAreNotFiniteAreKept) {
  const float inf = std::numeric_limits<float>::infinity();
  const MeshData text = parsed_ply(header("ascii", vertex_element(4) + face_element(1)) +
                                   "nan inf -inf\n1e-60 -INF NaN\n1 0 0\n0 1 0\n4 0 1 2 3\n");
  EXPECT_TRUE(std::isnan(text.verts[0]) && std::isnan(text.verts[5]));
  EXPECT_EQ(text.verts[1], inf);
  EXPECT_EQ(text.verts[2], -inf);
  EXPECT_EQ(text.verts[3], 0);
  EXPECT_EQ(text.faces, (PlyInts{0, 1, 2, 0, 2, 3}));  // a fan
  const MeshData binary =
      parsed_ply(header("binary_little_endian", vertex_element(1)) + raw<float>({inf, -inf, std::nanf("")}));
  EXPECT_EQ(binary.verts[0], inf);
  EXPECT_EQ(binary.verts[1], -inf);
  EXPECT_TRUE(std::isnan(binary.verts[2]));
}

TEST(Ply, AnEmptyMeshIsRead) {
  const MeshData mesh = parsed_ply(header("ascii", vertex_element(0) + face_element(0)));
  EXPECT_TRUE(mesh.verts.empty() && mesh.faces.empty() && mesh.warnings.empty());
  EXPECT_EQ(parsed_ply(header("binary_big_endian", vertex_element(0) + "element face 0\n")).num_faces(), 0);
}

TEST(Ply, ErrorsOfTheHeader) {
  const auto declared = [](const std::string& lines) { return "ply\nformat ascii 1.0\n" + lines + "end_header\n"; };
  EXPECT_EQ(ply_error("PLY\n"), "f.ply: is not a PLY file, expected \"ply\" first.");
  EXPECT_EQ(ply_error(""), "f.ply: is not a PLY file, expected \"ply\" first.");
  EXPECT_EQ(ply_error("ply\nformat ascii 1.0\n"), "f.ply: has no end_header, expected a PLY header.");
  EXPECT_EQ(ply_error("ply\nend_header\n"), "f.ply: has no format line, expected a PLY header.");
  EXPECT_EQ(ply_error("ply\nformat text 1.0\n"),
            "f.ply: line 2: has format \"text\", expected ascii, binary_little_endian or binary_big_endian.");
  EXPECT_EQ(ply_error("ply\nformat ascii 2.0\n"), "f.ply: line 2: has PLY version \"2.0\", expected 1.0.");
  EXPECT_EQ(ply_error(declared("elements vertex 1\n")),
            "f.ply: line 3: \"elements\" is not a keyword of a PLY header.");
  EXPECT_EQ(ply_error(declared("element vertex -1\n")),
            "f.ply: line 3: \"-1\" is out of range, expected an integer from 0 to 9223372036854775807.");
  EXPECT_EQ(ply_error(declared("element vertex x\n")), "f.ply: line 3: \"x\" is not an integer.");
  EXPECT_EQ(
      ply_error(declared("element vertex 99999999999999999999\n")),
      "f.ply: line 3: \"99999999999999999999\" is out of range, expected an integer from 0 to 9223372036854775807.");
  EXPECT_EQ(ply_error(declared("element vertex\n")), "f.ply: line 3: ends early, expected an integer.");
  EXPECT_EQ(ply_error(declared("element\n")), "f.ply: line 3: ends early, expected a name.");
  EXPECT_EQ(ply_error(declared("element a 1\nelement a 1\n")), "f.ply: line 4: declares element \"a\" again.");
  EXPECT_EQ(ply_error(declared("property float x\n")), "f.ply: line 3: declares a property before the first element.");
  EXPECT_EQ(ply_error(declared("element a 1\nproperty half x\n")),
            "f.ply: line 4: \"half\" is not a PLY type, expected one such as uchar, int or float.");
  EXPECT_EQ(ply_error(declared("element a 1\nproperty list float int x\n")),
            "f.ply: line 4: has a list whose length is not an integer.");
  EXPECT_EQ(ply_error(declared("")), "f.ply: has no element \"vertex\".");
  EXPECT_EQ(ply_error(declared("element vertex 1\nproperty float x\nproperty float y\n") + "0 0\n"),
            "f.ply: its element \"vertex\" lacks a property x, y or z.");
  EXPECT_EQ(ply_error(declared(vertex_element(0) + "element face 1\nproperty int vertex_indices\n") + "0\n"),
            "f.ply: its element \"face\" lacks a list vertex_indices.");
  EXPECT_EQ(ply_error(declared(vertex_element(0) + face_element(1, "list uchar float")) + "0\n"),
            "f.ply: \"vertex_indices\" is a list of numbers, expected integers.");
}

TEST(Ply, ErrorsOfText) {
  const std::string mesh = header("ascii", vertex_element(4) + face_element(1));  // 9 lines
  const auto mesh_error = [&](const std::string& face) { return ply_error(mesh + kSquare + face); };
  EXPECT_EQ(mesh_error("3 0 1 4\n"), "f.ply: face 0 refers to vertex 4, but the file has 4 verts.");
  EXPECT_EQ(mesh_error("3 0 1 -1\n"), "f.ply: face 0 refers to vertex -1, but the file has 4 verts.");
  EXPECT_EQ(mesh_error("3 0 1\n"), "f.ply: line 14: ends early, expected an integer.");
  EXPECT_EQ(mesh_error("3 0 1 1.5\n"), "f.ply: line 14: \"1.5\" is not an integer.");
  EXPECT_EQ(mesh_error("3 0 1 2 3\n"), "f.ply: line 14: has more values than element \"face\" has.");
  EXPECT_EQ(mesh_error("-3 0 1 2\n"),
            "f.ply: line 14: \"-3\" is out of range, expected an integer from 0 to 2147483647.");
  EXPECT_EQ(mesh_error("2000000000 0 1 2\n"), "f.ply: line 14: ends early, expected an integer.");
  EXPECT_EQ(mesh_error("3 0 1 3000000000\n"),
            "f.ply: line 14: \"3000000000\" is out of range, expected an integer from -2147483648 to 2147483647.");
  EXPECT_EQ(mesh_error("3 0 1 2\n\n7\n"), "f.ply: line 16: follows the last element.");
  EXPECT_EQ(mesh_error(" \n"), "f.ply: ends after line 14, expected a row of a PLY element.");
  EXPECT_EQ(mesh_error(""), "f.ply: line 13: is followed by only 0 bytes, but element \"face\" has 1 rows.");
  const std::string cloud = header("ascii", vertex_element(1) + "property float quality\n");  // 8 lines
  EXPECT_EQ(ply_error(cloud + "0 0 x 1\n"), "f.ply: line 9: \"x\" is not a number.");
  EXPECT_EQ(ply_error(cloud + "0 0 1e39 1\n"), "f.ply: line 9: \"1e39\" is beyond the range of float.");
  EXPECT_EQ(ply_error(cloud + "0 0 ++1 1\n"), "f.ply: line 9: \"++1\" is not a number.");
  EXPECT_EQ(ply_error(cloud + "0 0 1       \n"), "f.ply: line 9: ends early, expected a value.");
  EXPECT_EQ(ply_error(header("ascii", vertex_element(1000000000))),
            "f.ply: line 7: is followed by only 0 bytes, but element \"vertex\" has 1000000000 rows.");
}

TEST(Ply, ErrorsOfBinaryFiles) {
  const std::string cloud = header("binary_little_endian", vertex_element(2));
  const std::string at = std::to_string(cloud.size());
  EXPECT_EQ(ply_error(cloud + raw(PlyFloats{0, 0, 0, 0, 0})),
            "f.ply: byte " + at + ": element \"vertex\" has 2 rows of at least 12 bytes, but only 20 bytes follow.");
  EXPECT_EQ(ply_error(cloud + raw(PlyFloats{0, 0, 0, 0, 0, 0}) + "x"),
            "f.ply: byte " + std::to_string(cloud.size() + 24) + ": has 1 bytes after its last element.");
  const std::string doubles =
      header("binary_little_endian", "element vertex 1\nproperty float y\nproperty double x\nproperty float z\n");
  EXPECT_EQ(ply_error(doubles + raw(PlyFloats{0}) + raw(std::vector<double>{1e300}) + raw(PlyFloats{0})),
            "f.ply: byte " + std::to_string(doubles.size() + 4) + ": 1e+300 is beyond the range of float.");

  // The message after the number of the byte, which is counted from the first of the face.
  const auto list_error = [&](const std::string& type, const std::string& bytes, size_t byte) {
    const std::string before =
        header("binary_little_endian", vertex_element(1) + face_element(1, type)) + raw(PlyFloats{0, 0, 0});
    const std::string error = ply_error(before + bytes), prefix = "f.ply: byte " + std::to_string(before.size() + byte);
    EXPECT_TRUE(error.starts_with(prefix)) << error << " / " << prefix;
    return error.substr(std::min(error.size(), prefix.size()));
  };
  EXPECT_EQ(list_error("list char int", "\xFF", 0), ": row 0 of element \"face\" has a list of -1 values.");
  const std::string at_end = ": ends in row 0 of element \"face\", which has 1 rows.";
  EXPECT_EQ(list_error("list uchar int", std::string("\3\0\0\0\0", 5), 5), at_end);
  EXPECT_EQ(list_error("list uint int", std::string("\xFF\xFF\xFF\xFF\0\0\0\0", 8), 8), at_end);
  EXPECT_EQ(ply_error(header("binary_little_endian", vertex_element(1) + face_element(1, "list uchar uint")) +
                      raw(PlyFloats{0, 0, 0}) + "\1\xFF\xFF\xFF\xFF"),
            "f.ply: face 0 refers to vertex -1, but the file has 1 verts.");
}

MeshData sample_mesh() {
  MeshData mesh;
  mesh.verts = {0, 0, 0.1F, 1, 0, 1e-7F, 1, 1, -3e30F, 0, 1, 0};
  mesh.faces = {0, 1, 2, 2, 3, 0};
  mesh.normals = {0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, -1};
  mesh.colors = {{0, 0.2F, 1, 1, 0.4F, 0, 0.5F, 0.5F, 0.25F, 0, 0, 0}, 3};
  mesh.face_colors = {{1, 0, 0, 0.5F, 0, 1, 0, 1}, 4};
  return mesh;
}

TEST(Ply, WritesWhatItReads) {
  const TempFolder folder;
  for (const bool binary : {false, true}) {
    write_ply(folder / "a.ply", sample_mesh(), {.binary = binary});
    const MeshData mesh = read_ply(folder / "a.ply"), expected = sample_mesh();
    EXPECT_EQ(mesh.verts, expected.verts);
    EXPECT_EQ(mesh.faces, expected.faces);
    EXPECT_EQ(mesh.normals, expected.normals);
    EXPECT_EQ(mesh.colors.values, expected.colors.values);
    EXPECT_EQ(mesh.face_colors.values, expected.face_colors.values);
    EXPECT_EQ(mesh.face_colors.channels, 4);
    EXPECT_TRUE(mesh.warnings.empty());
  }
}

TEST(Ply, WritesAClearText) {
  const TempFolder folder;
  MeshData mesh;
  mesh.verts = {0, 0.5F, 1, 2, -1, 0, 1, 1, 1};
  mesh.colors = {{1, 0.5F, 0, -1, 2, std::nanf(""), 0.1F, 0.2F, 0.3F}, 3};
  mesh.faces = {0, 1, 2};
  write_ply(folder / "a.ply", mesh, {.binary = false, .decimal_places = 2, .colors_as_uint8 = true});
  EXPECT_EQ(
      read_file(folder / "a.ply"),
      "ply\nformat ascii 1.0\ncomment bisque\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
      "property uchar red\nproperty uchar green\nproperty uchar blue\nelement face 1\n"
      "property list uchar int vertex_indices\nend_header\n0.00 0.50 1.00 255 128 0\n2.00 -1.00 0.00 0 255 0\n"
      "1.00 1.00 1.00 26 51 77\n3 0 1 2\n");
  EXPECT_EQ(parsed_ply(read_file(folder / "a.ply")).faces, mesh.faces);
}

TEST(Ply, WritesCloudsAndChecksMeshes) {
  const TempFolder folder;
  MeshData cloud;
  cloud.verts = {1, 2, 3};
  write_ply(folder / "a.ply", cloud);
  EXPECT_EQ(read_ply(folder / "a.ply").verts, cloud.verts);
  EXPECT_EQ(read_file(folder / "a.ply").find("face"), std::string::npos);
  cloud.faces = {0, 0, 1};
  EXPECT_EQ(error_of([&] { write_ply(folder / "b.ply", cloud); }), "The mesh's faces hold index 1, expected 0 to 0.");
  cloud.faces.clear();
  cloud.normals = {1, 2};
  EXPECT_EQ(error_of([&] { write_ply(folder / "b.ply", cloud); }),
            "The mesh has 0 normals, expected 1, one per vertex.");
  cloud.normals.clear();
  cloud.colors = {{1, 2}, 2};
  EXPECT_EQ(error_of([&] { write_ply(folder / "b.ply", cloud); }),
            "The mesh's colors have 2 channels, expected 3 or 4.");
  EXPECT_EQ(folder.num_files(), 1U);
}

TEST(Ply, TruncatedAtEveryByteItIsAnErrorNotACrash) {
  const TempFolder folder;
  for (const bool binary : {false, true}) {
    write_ply(folder / "a.ply", sample_mesh(), {.binary = binary});
    const std::string whole = read_file(folder / "a.ply");
    const size_t end = whole.size() - (binary ? 0 : 2);  // a last digit or line end may be missing
    for (size_t size = 0; size < end; ++size) EXPECT_NE(ply_error(whole.substr(0, size)), "") << size;
  }
}

}  // namespace
}  // namespace bisque
