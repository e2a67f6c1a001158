#include <bisque/tests/ops3d/io/gltf_builder.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <set>

#include <draco/compression/encode.h>
#include <meshoptimizer.h>

#include <bisque/ops3d/io/gltf_draco.h>

namespace bisque {
namespace {

using namespace test;
using Bytes = std::vector<uint8_t>;

// A bent grid of 30 x 20 verts, so that blocks of the codecs are crossed.
struct Grid {
  static constexpr uint32_t kColumns = 30;
  static constexpr uint32_t kRows = 20;
  static constexpr size_t kVerts = size_t{kColumns} * kRows;
  Floats verts, normals, uvs, offsets;
  std::vector<uint16_t> corners;

  Grid() {
    for (uint32_t i = 0; i < kVerts; ++i) {
      const float x = static_cast<float>(i % kColumns) / kColumns;
      const float y = static_cast<float>(i / kColumns) / kRows;
      verts.insert(verts.end(), {x, y, 0.25F * x * x});
      const float length = std::hypot(0.5F * x, 1.0F);
      normals.insert(normals.end(), {-0.5F * x / length, 0, 1 / length});
      uvs.insert(uvs.end(), {x, y});
      offsets.insert(offsets.end(), {0, 0, i % 7 == 0 ? y : 0});
    }
    for (uint32_t row = 0; row + 1 < kRows; ++row) {
      for (uint32_t column = 0; column + 1 < kColumns; ++column) {
        const uint32_t first = row * kColumns + column;
        for (const uint32_t i :
             {first, first + 1, first + kColumns, first + 1, first + kColumns + 1, first + kColumns}) {
          corners.push_back(static_cast<uint16_t>(i));
        }
      }
    }
  }
};

TestGltf empty_gltf() {
  TestGltf gltf;
  gltf.bin.clear();
  gltf.root["bufferViews"] = json::array();
  gltf.root["accessors"] = json::array();
  return gltf;
}

// The grid without compression.
MeshData plain_mesh() {
  const Grid grid;
  TestGltf gltf = empty_gltf();
  json attributes{{"POSITION", gltf.add_floats(grid.verts, "VEC3")},
                  {"NORMAL", gltf.add_floats(grid.normals, "VEC3")},
                  {"TEXCOORD_0", gltf.add_floats(grid.uvs, "VEC2")}};
  gltf.first_primitive() = gltf.primitive(attributes, grid.corners);
  gltf.first_primitive()["targets"] = {{{"POSITION", gltf.add_floats(grid.offsets, "VEC3")}}};
  return gltf.read();
}

// From here: meshopt.

// Adds a view that is compressed in buffer 0 and would be in the fallback, buffer 1.
int add_meshopt_view(TestGltf& gltf, const Bytes& data, size_t count, size_t stride, const std::string& mode,
                     const std::string& filter = "NONE") {
  const int compressed = gltf.add_view(data);
  json& views = gltf.root["bufferViews"];
  json view = views[static_cast<size_t>(compressed)];
  json extension = view;
  extension.update({{"byteStride", stride}, {"count", count}, {"mode", mode}, {"filter", filter}});
  view = {{"buffer", 1}, {"byteLength", count * stride}, {"extensions", {{"EXT_meshopt_compression", extension}}}};
  views[static_cast<size_t>(compressed)] = view;
  return compressed;
}

Bytes encode_attributes(const void* data, size_t count, size_t stride) {
  meshopt_encodeVertexVersion(0);
  Bytes bytes(meshopt_encodeVertexBufferBound(count, stride));
  bytes.resize(meshopt_encodeVertexBuffer(bytes.data(), bytes.size(), data, count, stride));
  return bytes;
}

Bytes encode_corners(const std::vector<uint16_t>& corners, bool triangles) {
  const std::vector<unsigned int> indices(corners.begin(), corners.end());
  meshopt_encodeIndexVersion(1);
  Bytes bytes(std::max(meshopt_encodeIndexBufferBound(indices.size(), Grid::kVerts),
                       meshopt_encodeIndexSequenceBound(indices.size(), Grid::kVerts)));
  bytes.resize(triangles ? meshopt_encodeIndexBuffer(bytes.data(), bytes.size(), indices.data(), indices.size())
                         : meshopt_encodeIndexSequence(bytes.data(), bytes.size(), indices.data(), indices.size()));
  return bytes;
}

// 2^exponent * mantissa, of 12 bits.
uint32_t exponential(float value) {
  int exponent = 0;
  const float mantissa = std::frexp(value, &exponent);
  const auto scaled = static_cast<int32_t>(std::lround(mantissa * 4096));
  return static_cast<uint32_t>(exponent - 12) << 24 | (static_cast<uint32_t>(scaled) & 0xFFFFFF);
}

struct MeshoptGltf {
  TestGltf gltf = empty_gltf();

  int add(int view, int component_type, const std::string& type, size_t count, bool normalized = false) {
    return gltf.add_accessor({{"bufferView", view},
                              {"componentType", component_type},
                              {"type", type},
                              {"count", count},
                              {"normalized", normalized}});
  }

  // The output of gltfpack: quantized positions, octahedral normals, exponential morph targets.
  explicit MeshoptGltf(bool triangles = true) {
    const Grid grid;
    std::vector<uint16_t> positions;
    Floats four_normals;
    std::vector<uint32_t> offsets;
    for (size_t v = 0; v < Grid::kVerts; ++v) {
      for (size_t axis = 0; axis < 3; ++axis) {
        positions.push_back(static_cast<uint16_t>(std::lround(grid.verts[v * 3 + axis] * 65535)));
        four_normals.push_back(grid.normals[v * 3 + axis]);
        offsets.push_back(exponential(grid.offsets[v * 3 + axis]));
      }
      positions.push_back(0);
      four_normals.push_back(0);
    }
    std::vector<int8_t> octahedral(Grid::kVerts * 4);
    meshopt_encodeFilterOct(octahedral.data(), Grid::kVerts, 4, 8, four_normals.data());
    const auto attributes = [&](const void* data, size_t stride, const char* filter) {
      return add_meshopt_view(gltf, encode_attributes(data, Grid::kVerts, stride), Grid::kVerts, stride, "ATTRIBUTES",
                              filter);
    };
    const int position = add(attributes(positions.data(), 8, "NONE"), kUnsignedShort, "VEC3", Grid::kVerts, true);
    const int normal = add(attributes(octahedral.data(), 4, "OCTAHEDRAL"), kByte, "VEC3", Grid::kVerts, true);
    const int uv = add(attributes(grid.uvs.data(), 8, "NONE"), kFloat, "VEC2", Grid::kVerts);
    const int offset = add(attributes(offsets.data(), 12, "EXPONENTIAL"), kFloat, "VEC3", Grid::kVerts);
    const int view = add_meshopt_view(gltf, encode_corners(grid.corners, triangles), grid.corners.size(), 2,
                                      triangles ? "TRIANGLES" : "INDICES");
    const int indices = add(view, kUnsignedShort, "SCALAR", grid.corners.size());
    gltf.first_primitive() = {{"attributes", {{"POSITION", position}, {"NORMAL", normal}, {"TEXCOORD_0", uv}}},
                              {"indices", indices},
                              {"targets", json::array({{{"POSITION", offset}}})}};
    gltf.root["extensionsRequired"] = {"EXT_meshopt_compression", "KHR_mesh_quantization"};
  }

  std::string glb() const {
    json root = gltf.root;
    const json fallback{{"EXT_meshopt_compression", {{"fallback", true}}}};
    root["buffers"] =
        json::array({{{"byteLength", gltf.bin.size()}}, {{"byteLength", 1 << 20}, {"extensions", fallback}}});
    return TestGltf::container(root.dump(), gltf.bin);
  }

  MeshData read() {
    const std::string bytes = glb();
    return parse_gltf(bytes_of(bytes), "f.glb").mesh;
  }

  json& extension(size_t view) { return gltf.root["bufferViews"][view]["extensions"]["EXT_meshopt_compression"]; }

  std::string error() {
    return error_of([&] { read(); });
  }
};

// The same triangles, each from whichever corner.
std::multiset<std::array<int32_t, 3>> triangles_of(const Ints& faces) {
  std::multiset<std::array<int32_t, 3>> triangles;
  for (size_t i = 0; i < faces.size(); i += 3) {
    std::array<int32_t, 3> triangle{faces[i], faces[i + 1], faces[i + 2]};
    std::rotate(triangle.begin(), std::min_element(triangle.begin(), triangle.end()), triangle.end());
    triangles.insert(triangle);
  }
  return triangles;
}

TEST(GltfMeshopt, WhatItCompressesReadsBack) {
  const MeshData expected = plain_mesh();
  for (const bool triangles : {true, false}) {
    const MeshData mesh = MeshoptGltf(triangles).read();
    expect_near(mesh.verts, expected.verts, 1e-5);
    expect_near(mesh.normals, expected.normals, 0.01);
    EXPECT_EQ(mesh.uvs, expected.uvs);
    EXPECT_EQ(mesh.morphs[0].verts, expected.morphs[0].verts);
    expect_near(mesh.morphs[0].offsets, expected.morphs[0].offsets, 1e-3);
    EXPECT_EQ(triangles_of(mesh.faces), triangles_of(expected.faces));
    if (!triangles) {
      EXPECT_EQ(mesh.faces, expected.faces);
    }
    EXPECT_TRUE(mesh.warnings.empty());
  }
}

TEST(GltfMeshopt, QuaternionsAreDecoded) {
  const Floats quaternions(Grid::kVerts * 4, 0.5F);
  std::vector<int16_t> encoded(Grid::kVerts * 4);
  meshopt_encodeFilterQuat(encoded.data(), Grid::kVerts, 8, 12, quaternions.data());
  MeshoptGltf file;
  const int view = add_meshopt_view(file.gltf, encode_attributes(encoded.data(), Grid::kVerts, 8), Grid::kVerts, 8,
                                    "ATTRIBUTES", "QUATERNION");
  // As weights of four joints, of which one stays: the square moves by three quarters.
  json& attributes = file.gltf.first_primitive()["attributes"];
  attributes["WEIGHTS_0"] = file.add(view, kShort, "VEC4", Grid::kVerts, true);
  Bytes joints;
  for (size_t v = 0; v < Grid::kVerts; ++v) joints.insert(joints.end(), {0, 1, 1, 1});
  attributes["JOINTS_0"] = file.gltf.add(joints, kUnsignedByte, "VEC4", Grid::kVerts);
  file.gltf.root["nodes"] = {{{"mesh", 0}, {"skin", 0}}, json::object(), {{"translation", {0, 0, 4}}}};
  file.gltf.root["skins"] = {{{"joints", {1, 2}}}};
  EXPECT_NEAR(file.read().verts[2], 3, 1e-3);
}

TEST(GltfMeshopt, Errors) {
  const auto error = [](const auto& change) {
    MeshoptGltf file;
    change(file);
    return file.error();
  };
  const auto set = [&](const char* key, const json& value, size_t view = 0) {
    return error([&](MeshoptGltf& f) { f.extension(view)[key] = value; });
  };
  EXPECT_EQ(set("byteStride", 6),
            "f.glb: bufferView 0 has a compressed byteStride of 6, expected a multiple of 4 up to 256.");
  EXPECT_EQ(set("byteStride", 0),
            "f.glb: bufferView 0 has a compressed byteStride of 0, expected a multiple of 4 up to 256.");
  EXPECT_EQ(set("byteStride", 260),
            "f.glb: bufferView 0 has a compressed byteStride of 260, expected a multiple of 4 up to 256.");
  EXPECT_EQ(set("byteStride", 16, 1),
            "f.glb: bufferView 1 has a compressed byteStride of 16, which its filter does not allow.");
  EXPECT_EQ(set("byteStride", 8, 4), "f.glb: bufferView 4 has compressed indices of 8 bytes, expected 2 or 4.");
  EXPECT_EQ(set("filter", "OCTAHEDRAL", 4),
            "f.glb: bufferView 4 has a filter over indices, expected one over ATTRIBUTES.");
  EXPECT_EQ(set("count", 100, 4), "f.glb: bufferView 4 has 100 corners of TRIANGLES, expected a multiple of 3.");
  EXPECT_EQ(set("mode", "X\n"),
            "f.glb: bufferViews[0].extensions.EXT_meshopt_compression.mode is \"X\\x0A\", expected "
            "ATTRIBUTES, TRIANGLES or INDICES.");
  EXPECT_EQ(set("filter", "X"),
            "f.glb: bufferViews[0].extensions.EXT_meshopt_compression.filter is \"X\", expected "
            "NONE, OCTAHEDRAL, QUATERNION or EXPONENTIAL.");
  EXPECT_EQ(set("count", -1),
            "f.glb: bufferViews[0].extensions.EXT_meshopt_compression.count is not an integer from 0 "
            "to 2^31 - 1.");
  EXPECT_EQ(set("buffer", 7), "f.glb: bufferView 0 refers to buffer 7, but the file has 2.");
  EXPECT_NE(set("byteOffset", UINT64_MAX).find("f.glb: bufferView 0 reaches beyond the "), std::string::npos);
  EXPECT_NE(set("count", 2'000'000'000).find(" has 2000000000 compressed elements, more than its "), std::string::npos);
  EXPECT_NE(set("count", 2'000'000'001, 4).find(" has 2000000001 compressed elements, more than its "),
            std::string::npos);
  EXPECT_EQ(set("count", 700), "f.glb: bufferView 0 does not hold 700 elements compressed by meshoptimizer.");
  EXPECT_EQ(set("count", 599), "f.glb: accessor 0 with 600 elements reaches beyond the 4792 bytes of bufferView 0.");
  // Version 1 of the codec, which the extension does not have.
  EXPECT_EQ(error([](MeshoptGltf& f) { f.gltf.bin[0] = '\xA1'; }),
            "f.glb: bufferView 0 does not hold 600 elements compressed by meshoptimizer.");
}

TEST(GltfMeshopt, AFallbackWithoutItsDataIsAnError) {
  MeshoptGltf file;
  file.gltf.root["bufferViews"][0].erase("extensions");
  EXPECT_EQ(file.error(), "f.glb: bufferView 0 reaches beyond the 0 bytes of its buffer.");
}

// Zeros compress to a 64th; many views of the same bytes must not multiply that.
TEST(GltfMeshopt, ManyViewsOfTheSameBytesAreBounded) {
  MeshoptGltf file;
  const size_t count = 1 << 16;
  const Bytes zeros(count * 256);
  const int view = add_meshopt_view(file.gltf, encode_attributes(zeros.data(), count, 256), count, 256, "ATTRIBUTES");
  json primitive{{"attributes", {{"POSITION", file.add(view, kFloat, "VEC3", count)}}}};
  file.gltf.root["meshes"][0]["primitives"] = json::array();
  for (int i = 0; i < 100; ++i) {
    file.gltf.root["bufferViews"].push_back(file.gltf.root["bufferViews"][static_cast<size_t>(view)]);
    const int copy = static_cast<int>(file.gltf.root["bufferViews"].size()) - 1;
    primitive["attributes"]["POSITION"] = file.add(copy, kFloat, "VEC3", 3);
    file.gltf.root["meshes"][0]["primitives"].push_back(primitive);
  }
  EXPECT_NE(file.error().find("expands to more than 128 times the size of the file's buffers."), std::string::npos);
}

// From here: Draco.

std::string draco_bytes(bool sequential) {
  const Grid grid;
  draco::Mesh mesh;
  mesh.set_num_points(Grid::kVerts);
  const auto add = [&](draco::GeometryAttribute::Type type, draco::DataType data_type, int components,
                       const void* data) {
    draco::GeometryAttribute attribute;
    const int stride = components * draco::DataTypeLength(data_type);
    attribute.Init(type, nullptr, static_cast<uint8_t>(components), data_type, false, stride, 0);
    const int id = mesh.AddAttribute(attribute, true, Grid::kVerts);
    for (uint32_t v = 0; v < Grid::kVerts; ++v) {
      mesh.attribute(id)->SetAttributeValue(draco::AttributeValueIndex(v),
                                            static_cast<const char*>(data) + v * static_cast<uint32_t>(stride));
    }
  };
  Bytes joints;
  for (size_t v = 0; v < Grid::kVerts; ++v) joints.insert(joints.end(), {static_cast<uint8_t>(v % 2), 0, 0, 0});
  add(draco::GeometryAttribute::POSITION, draco::DT_FLOAT32, 3, grid.verts.data());
  add(draco::GeometryAttribute::NORMAL, draco::DT_FLOAT32, 3, grid.normals.data());
  add(draco::GeometryAttribute::TEX_COORD, draco::DT_FLOAT32, 2, grid.uvs.data());
  add(draco::GeometryAttribute::GENERIC, draco::DT_UINT8, 4, joints.data());
  for (size_t i = 0; i < grid.corners.size(); i += 3) {
    mesh.AddFace({draco::PointIndex(grid.corners[i]), draco::PointIndex(grid.corners[i + 1]),
                  draco::PointIndex(grid.corners[i + 2])});
  }
  draco::Encoder encoder;
  encoder.SetEncodingMethod(sequential ? draco::MESH_SEQUENTIAL_ENCODING : draco::MESH_EDGEBREAKER_ENCODING);
  encoder.SetAttributeQuantization(draco::GeometryAttribute::POSITION, 16);
  encoder.SetAttributeQuantization(draco::GeometryAttribute::NORMAL, 12);
  encoder.SetAttributeQuantization(draco::GeometryAttribute::TEX_COORD, 14);
  draco::EncoderBuffer buffer;
  EXPECT_TRUE(encoder.EncodeMeshToBuffer(mesh, &buffer).ok());
  return {buffer.data(), buffer.size()};
}

struct DracoGltf {
  TestGltf gltf = empty_gltf();

  explicit DracoGltf(const std::string& data, bool has_targets = false) {
    const int view = gltf.add_view(Bytes(data.begin(), data.end()));
    const auto accessor = [&](int component_type, const char* type, size_t count) {
      return gltf.add_accessor({{"componentType", component_type}, {"type", type}, {"count", count}});
    };
    json attributes{{"POSITION", accessor(kFloat, "VEC3", Grid::kVerts)},
                    {"NORMAL", accessor(kFloat, "VEC3", Grid::kVerts)},
                    {"TEXCOORD_0", accessor(kFloat, "VEC2", Grid::kVerts)}};
    const json extension{{"bufferView", view}, {"attributes", {{"POSITION", 0}, {"NORMAL", 1}, {"TEXCOORD_0", 2}}}};
    gltf.first_primitive() = {{"attributes", attributes},
                              {"indices", accessor(kUnsignedShort, "SCALAR", Grid().corners.size())},
                              {"extensions", {{"KHR_draco_mesh_compression", extension}}}};
    if (has_targets) {
      gltf.first_primitive()["targets"] = {{{"POSITION", gltf.add_floats(Grid().offsets, "VEC3")}}};
    }
    gltf.root["extensionsRequired"] = {"KHR_draco_mesh_compression"};
  }

  json& extension() { return gltf.first_primitive()["extensions"]["KHR_draco_mesh_compression"]; }
};

// The positions of the corners, rounded and sorted, for any order of verts and faces.
std::multiset<std::array<int, 5>> corner_places(const MeshData& mesh) {
  std::multiset<std::array<int, 5>> places;
  for (size_t i = 0; i < mesh.faces.size(); ++i) {
    const float* vert = &mesh.verts[static_cast<size_t>(mesh.faces[i]) * 3];
    const float* uv = &mesh.uvs[static_cast<size_t>(mesh.uv_faces[i]) * 2];
    const auto rounded = [](float value) { return static_cast<int>(std::lround(value * 600)); };
    places.insert({rounded(vert[0]), rounded(vert[1]), 0, rounded(uv[0]), rounded(uv[1])});
  }
  return places;
}

TEST(GltfDraco, ASequentialMeshReadsBackWithItsMorphTargets) {
  const MeshData expected = plain_mesh();
  const MeshData mesh = DracoGltf(draco_bytes(true), true).gltf.read();
  expect_near(mesh.verts, expected.verts, 1e-4);
  expect_near(mesh.normals, expected.normals, 1e-2);
  expect_near(mesh.uvs, expected.uvs, 1e-3);
  EXPECT_EQ(mesh.faces, expected.faces);
  EXPECT_EQ(mesh.morphs[0].offsets, expected.morphs[0].offsets);
  EXPECT_TRUE(mesh.warnings.empty());
}

TEST(GltfDraco, AnEdgebreakerMeshReadsBack) {
  const MeshData expected = plain_mesh();
  const MeshData mesh = DracoGltf(draco_bytes(false)).gltf.read();
  EXPECT_EQ(mesh.num_verts(), expected.num_verts());
  EXPECT_EQ(corner_places(mesh), corner_places(expected));
}

TEST(GltfDraco, JointsAreDecodedAndTheMeshMayBeUsedTwice) {
  DracoGltf file(draco_bytes(true));
  file.extension()["attributes"]["JOINTS_0"] = 3;
  json& attributes = file.gltf.first_primitive()["attributes"];
  attributes["JOINTS_0"] =
      file.gltf.add_accessor({{"componentType", kUnsignedByte}, {"type", "VEC4"}, {"count", Grid::kVerts}});
  attributes["WEIGHTS_0"] = file.gltf.add(Floats(Grid::kVerts * 4, 1), kFloat, "VEC4", Grid::kVerts);
  file.gltf.root["nodes"] = {{{"mesh", 0}, {"skin", 0}}, json::object(), {{"translation", {0, 0, 8}}}, {{"mesh", 0}}};
  file.gltf.root["skins"] = {{{"joints", {1, 2}}}};
  const MeshData mesh = file.gltf.read();
  EXPECT_EQ(mesh.num_verts(), 2 * static_cast<int64_t>(Grid::kVerts));
  EXPECT_NEAR(mesh.verts[2], 0, 1e-4);
  EXPECT_NEAR(mesh.verts[5], 2, 1e-2);  // one of the four equal weights is joint 1's
  EXPECT_NEAR(mesh.verts[Grid::kVerts * 3 + 5], 0, 1e-2);
}

TEST(GltfDraco, CountsOfAccessorsThatAreOutOfDateDoNotMatter) {
  DracoGltf file(draco_bytes(false));
  for (json& accessor : file.gltf.root["accessors"]) accessor["count"] = 3;
  const MeshData mesh = file.gltf.read();
  EXPECT_EQ(mesh.num_faces(), 29 * 19 * 2);
}

TEST(GltfDraco, Errors) {
  const std::string data = draco_bytes(true);
  const auto error = [&](const auto& change) {
    DracoGltf file(data, true);
    change(file);
    return file.gltf.error();
  };
  const std::string where = "f.glb: meshes[0].primitives[0]";
  EXPECT_EQ(error([](DracoGltf& f) { f.extension()["bufferView"] = 9; }),
            where + " refers to bufferView 9, but the file has 2.");
  EXPECT_EQ(error([](DracoGltf& f) { f.extension()["attributes"]["NORMAL"] = 9; }),
            where + " has no attribute 9 in its Draco data, which it lists for NORMAL.");
  EXPECT_EQ(error([](DracoGltf& f) { f.extension()["attributes"]["NORMAL"] = 2; }), "f.glb: accessor 1 is not VEC3.");
  EXPECT_EQ(error([](DracoGltf& f) { f.extension()["attributes"] = 2; }),
            "f.glb: meshes[0].primitives[0].extensions.KHR_draco_mesh_compression.attributes is not an object.");
  EXPECT_EQ(error([](DracoGltf& f) { f.gltf.bin[0] = 'X'; }), where + " does not hold a mesh compressed by Draco.");
  EXPECT_EQ(error([](DracoGltf& f) { f.gltf.bin[7] = 0; }), where + " does not hold a mesh compressed by Draco.");
  EXPECT_EQ(error([](DracoGltf& f) { f.gltf.bin[6] = 1; }), where + " holds Draco bitstream 2.1, expected 2.2.");
  EXPECT_EQ(error([](DracoGltf& f) {
              f.gltf.first_primitive()["targets"] = {{{"POSITION", f.gltf.add_floats({0, 0, 0}, "VEC3")}}};
            }),
            "f.glb: accessor 5 has 1 elements, expected 600, one per vertex.");
}

// The counts follow the header of 11 bytes (and for an edgebreaker mesh its kind of traversal): numbers of 7 bits per
// byte.
TEST(GltfDraco, CountsAreBoundedByTheBytes) {
  const std::string huge("\xFF\xFF\xFF\x7F", 4);  // 2^28 - 1
  for (const bool sequential : {true, false}) {
    std::string data = draco_bytes(sequential);
    data.replace(sequential ? 11 : 12, 4, sequential ? huge + "\x58\x04" : huge + huge);
    EXPECT_EQ(DracoGltf(data).gltf.error(), "f.glb: meshes[0].primitives[0] declares more faces or verts than " +
                                                std::to_string(data.size()) + " bytes can hold.");
  }
  const std::string data = draco_bytes(true);
  EXPECT_EQ(error_of([&] { decode_draco(bytes_of(data), 1000, "f"); }),
            "f declares more faces or verts than " + std::to_string(data.size()) + " bytes can hold.");
}

TEST(GltfCompression, EveryTruncationIsAnError) {
  for (const bool sequential : {true, false}) {
    const std::string data = draco_bytes(sequential);
    for (size_t size = 0; size < data.size(); size += 7) {
      EXPECT_NE(DracoGltf(data.substr(0, size)).gltf.error(), "") << size;
    }
  }
  for (size_t view = 0; view < 5; ++view) {
    MeshoptGltf file;
    const int length = file.extension(view)["byteLength"];
    for (int size = 0; size < length; size += 13) {
      file.extension(view)["byteLength"] = size;
      EXPECT_NE(file.error(), "") << view << " " << size;
    }
  }
}

}  // namespace
}  // namespace bisque
