#include <bisque/tests/ops3d/io/gltf_builder.h>

#include <limits>

#include <bisque/tests/testing/temp_folder.h>

namespace bisque {
namespace {

using namespace test;

TEST(Gltf, BuffersStayInTheFolderOfTheFile) {
  const TempFolder folder;
  TestGltf gltf;
  gltf.glb();
  for (const char* uri : {"../a.bin", "x/../../a.bin", "/etc/passwd", "%2e%2e/a.bin", "%2Fetc%2Fpasswd",
                          "file:///etc/passwd", "http://x/a.bin", "", "a%00b"}) {
    gltf.root["buffers"][0]["uri"] = uri;
    const std::string path = folder.write("f.gltf", gltf.root.dump());
    EXPECT_EQ(error_of([&] { read_gltf(path); }),
              path + ": buffers[0] is at \"" + uri + "\", expected a file in the folder of the .gltf file.");
  }
  gltf.root["buffers"][0]["uri"] = "a.bin";
  const std::string path = folder.write("f.gltf", gltf.root.dump());
  EXPECT_EQ(error_of([&] { read_gltf(path); }),
            folder / "a.bin" + ": cannot be opened for reading (No such file or directory).");
  folder.write("a.bin", "short");
  EXPECT_EQ(error_of([&] { read_gltf(path); }), path + ": buffers[0] declares 60 bytes, but its data has 5.");
  EXPECT_EQ(error_of([&] { parse_gltf(bytes_of(gltf.root.dump()), "f"); }),
            "f: buffers[0] is in another file, \"a.bin\", which cannot be read from here.");
}

TEST(Gltf, ErrorsOfDataUris) {
  TestGltf gltf;
  gltf.glb();
  const auto error = [&](const std::string& uri) {
    gltf.root["buffers"][0]["uri"] = uri;
    const std::string text = gltf.root.dump();
    return error_of([&] { parse_gltf(bytes_of(text), "f"); });
  };
  EXPECT_EQ(error("data:text/plain,abc"), "f: buffers[0] has a data: uri that is not base64.");
  EXPECT_EQ(error("data:application/octet-stream;base64,A*A="),
            "f: buffers[0] has a data: uri with characters that are not base64.");
  EXPECT_EQ(error("data:application/octet-stream;base64,AAAA"), "f: buffers[0] declares 60 bytes, but its data has 3.");
}

TEST(Gltf, ErrorsOfTheContainer) {
  const auto error = [](const std::string& bytes) { return error_of([&] { parse_gltf(bytes_of(bytes), "f"); }); };
  const auto u32 = TestGltf::u32;
  EXPECT_EQ(error("glTF"), "f: ends within the .glb header.");
  EXPECT_EQ(error("glTF" + u32(1) + u32(12)), "f: is glTF 1, expected 2.");
  EXPECT_EQ(error("glTF" + u32(2) + u32(13)), "f: has 12 bytes, but its .glb header declares 13.");
  EXPECT_EQ(error("glTF" + u32(2) + u32(16) + "1234"), "f: byte 12: ends within a .glb chunk header.");
  EXPECT_EQ(error("glTF" + u32(2) + u32(20) + u32(1) + "JSON"),
            "f: byte 12: has a .glb chunk of 1 bytes, but 0 remain.");
  EXPECT_EQ(error("glTF" + u32(2) + u32(20) + u32(0xFFFFFFFF) + "JSON"),
            "f: byte 12: has a .glb chunk of 4294967295 bytes, but 0 remain.");
  EXPECT_EQ(error("glTF" + u32(2) + u32(20) + u32(0) + std::string("BIN\0", 4)),
            "f: the first .glb chunk is not JSON.");
  EXPECT_EQ(error("hello"), "f: byte 1 of the JSON is not what JSON allows there.");
  EXPECT_EQ(error("[]"), "f: the glTF JSON is not an object.");
  EXPECT_EQ(error("{}"), "f: has no asset.version 2.x, expected a glTF 2.0 file.");
  EXPECT_EQ(error(R"({"asset":{"version":"1.0"}})"), "f: has no asset.version 2.x, expected a glTF 2.0 file.");
  EXPECT_EQ(error(R"({"asset":{"version":"2.0"}})"), "f: has no triangles in its scene.");
  EXPECT_EQ(error(R"({"asset":{"version":"2.0"},"buffers":[{"byteLength":1}]})"),
            "f: buffers[0] has no data (no uri, and no BIN chunk that is its own).");
}

TEST(Gltf, RequiredExtensionsThatChangeGeometryAreNamed) {
  for (const std::string name : {"EXT_mesh_gpu_instancing", "KHR_meshopt_compression", "X_new", "VRMX"}) {
    TestGltf gltf;
    gltf.root["extensionsRequired"] = {"KHR_texture_transform", name};
    EXPECT_EQ(gltf.error(), "f.glb: requires the extension " + name + ", which is not supported.");
  }
  TestGltf gltf;
  gltf.root["extensionsRequired"] = {"X\n"};
  EXPECT_EQ(gltf.error(), "f.glb: requires the extension X\\x0A, which is not supported.");
}

TEST(Gltf, RequiredExtensionsThatLeaveGeometryAreIgnored) {
  TestGltf gltf;
  gltf.root["extensionsRequired"] = {
      "KHR_texture_transform", "KHR_texture_basisu",  "EXT_texture_webp", "VRM", "VRMC_vrm",
      "KHR_materials_unlit",   "KHR_lights_punctual", "KHR_xmp_json_ld"};
  EXPECT_EQ(gltf.error(), "");
}

TEST(Gltf, RangesOfAccessors) {
  const auto error = [](const auto& change) {
    TestGltf gltf;
    change(gltf.root);
    return gltf.error();
  };
  EXPECT_EQ(error([](json& r) { r["accessors"][0]["count"] = 5; }),
            "f.glb: accessor 0 with 5 elements reaches beyond the 48 bytes of bufferView 0.");
  EXPECT_EQ(error([](json& r) { r["accessors"][0]["byteOffset"] = 4; }),
            "f.glb: accessor 0 with 4 elements reaches beyond the 48 bytes of bufferView 0.");
  EXPECT_EQ(error([](json& r) { r["accessors"][0]["byteOffset"] = UINT64_MAX; }),
            "f.glb: accessor 0 with 4 elements reaches beyond the 48 bytes of bufferView 0.");
  EXPECT_EQ(error([](json& r) { r["accessors"][0]["count"] = uint64_t{1} << 62; }),
            "f.glb: accessor 0 has 4611686018427387904 elements, expected less than 2^31.");
  EXPECT_EQ(error([](json& r) { r["accessors"][0]["count"] = 2000000000; }),
            "f.glb: expands to more than 16 times the size of its buffers.");
  EXPECT_EQ(error([](json& r) { r["accessors"][0]["bufferView"] = 7; }),
            "f.glb: accessor 0 refers to bufferView 7, but the file has 2.");
  EXPECT_EQ(error([](json& r) { r["accessors"][0]["type"] = "VEC2"; }), "f.glb: accessor 0 is not VEC3.");
  EXPECT_EQ(error([](json& r) { r["accessors"][1]["type"] = "VEC3"; }), "f.glb: accessor 1 is not SCALAR.");
  EXPECT_EQ(error([](json& r) { r["accessors"][0]["componentType"] = 5124; }),
            "f.glb: accessor 0 has the unknown componentType 5124.");
  EXPECT_EQ(error([](json& r) { r["accessors"][1]["componentType"] = kShort; }),
            "f.glb: accessor 1 holds indices that are not unsigned integers.");
  EXPECT_EQ(error([](json& r) { r["bufferViews"][0]["buffer"] = 1; }),
            "f.glb: bufferView 0 refers to buffer 1, but the file has 1.");
  EXPECT_EQ(error([](json& r) { r["bufferViews"][0]["byteLength"] = 61; }),
            "f.glb: bufferView 0 reaches beyond the 60 bytes of its buffer.");
  EXPECT_EQ(error([](json& r) { r["bufferViews"][0]["byteOffset"] = UINT64_MAX; }),
            "f.glb: bufferView 0 reaches beyond the 60 bytes of its buffer.");
  EXPECT_EQ(error([](json& r) { r["bufferViews"][0]["byteStride"] = 8; }),
            "f.glb: bufferView 0 has a byteStride of 8, but elements of 12 bytes.");
}

TEST(Gltf, ErrorsOfPrimitives) {
  const auto error = [](const auto& change) {
    TestGltf gltf;
    change(gltf);
    return gltf.error();
  };
  EXPECT_EQ(error([](TestGltf& g) {
              g.first_primitive()["attributes"] = {{"NORMAL", 0}};
            }),
            "f.glb: a primitive of meshes[0] has no POSITION.");
  EXPECT_EQ(error([](TestGltf& g) { g.first_primitive()["attributes"]["POSITION"] = 9; }),
            "f.glb: refers to accessor 9, but the file has 2 accessors.");
  EXPECT_EQ(error([](TestGltf& g) {
              g.first_primitive()["indices"] = g.add_indices({0, 1, 4});
            }),
            "f.glb: accessor 2 holds index 4, expected less than 4.");
  EXPECT_EQ(error([](TestGltf& g) {
              g.first_primitive()["indices"] = g.add_indices({0, 1});
            }),
            "f.glb: a primitive of meshes[0] has 2 corners, which is not a multiple of 3.");
  EXPECT_EQ(error([](TestGltf& g) { g.first_primitive()["material"] = 0; }),
            "f.glb: refers to material 0, but the file has 0 materials.");
  EXPECT_EQ(error([](TestGltf& g) {
              g.first_primitive()["attributes"]["TEXCOORD_0"] = g.add_floats({0, 0}, "VEC2");
            }),
            "f.glb: accessor 2 has 1 elements, expected 4, one per vertex.");
  EXPECT_EQ(error([](TestGltf& g) {
              g.first_primitive()["targets"] = {{{"POSITION", g.add_floats({0, 0, 0}, "VEC3")}}};
            }),
            "f.glb: accessor 2 has 1 elements, expected 4, one per vertex.");
  EXPECT_EQ(error([](TestGltf& g) {
              g.first_primitive()["attributes"]["POSITION"] =
                  g.add_floats({0, 0, std::numeric_limits<float>::quiet_NaN()}, "VEC3");
            }),
            "f.glb: accessor 2 holds a value that is not finite at element 0.");
}

TEST(Gltf, ErrorsOfSparseAccessors) {
  const auto error = [](const std::vector<uint16_t>& indices, int count, int type = kUnsignedShort) {
    TestGltf gltf;
    const int view = gltf.add_view(indices);
    const int values = gltf.add_view(Floats{1, 2, 3, 4, 5, 6});
    gltf.first_primitive()["targets"] = {
        {{"POSITION", gltf.add_accessor({{"componentType", kFloat},
                                         {"type", "VEC3"},
                                         {"count", 4},
                                         {"sparse",
                                          {{"count", count},
                                           {"indices", {{"bufferView", view}, {"componentType", type}}},
                                           {"values", {{"bufferView", values}}}}}})}}};
    return gltf.error();
  };
  EXPECT_EQ(error({1, 1}, 2), "f.glb: accessor 2 has the sparse index 1, expected increasing indices below 4.");
  EXPECT_EQ(error({1, 4}, 2), "f.glb: accessor 2 has the sparse index 4, expected increasing indices below 4.");
  EXPECT_EQ(error({1, 2}, 3), "f.glb: accessor 2 with 3 elements reaches beyond the 4 bytes of bufferView 2.");
  EXPECT_EQ(error({1, 2, 3}, 3), "f.glb: accessor 2 with 3 elements reaches beyond the 24 bytes of bufferView 3.");
  EXPECT_EQ(error({1, 2}, 1, kFloat), "f.glb: accessor 2 has sparse indices that are not unsigned integers.");
}

TEST(Gltf, ErrorsOfNodes) {
  const auto error = [](const json& nodes, const json& scenes = {}, const json& scene = {}) {
    TestGltf gltf;
    gltf.root["nodes"] = nodes;
    if (!scenes.is_null()) gltf.root["scenes"] = scenes;
    if (!scene.is_null()) gltf.root["scene"] = scene;
    return gltf.error();
  };
  EXPECT_EQ(error(json::parse(R"([{"mesh":1}])")), "f.glb: nodes[0] refers to mesh 1, but the file has 1 meshes.");
  EXPECT_EQ(error(json::parse(R"([{"children":[7]}])")), "f.glb: refers to node 7, but the file has 1 nodes.");
  EXPECT_EQ(error(json::parse(R"([{"children":[1]},{"children":[0]}])"), json::parse(R"([{"nodes":[0]}])")),
            "f.glb: nodes[0] is in the node tree twice.");
  EXPECT_EQ(error(json::parse(R"([{"children":[1,2]},{"children":[2]},{}])")),
            "f.glb: nodes[2] is in the node tree twice.");
  EXPECT_EQ(error(json::parse(R"([{"mesh":0}])"), json::parse(R"([{"nodes":[0]}])"), 1),
            "f.glb: refers to scene 1, but the file has 1 scenes.");
  EXPECT_EQ(error(json::parse(R"([{"mesh":0,"scale":[1e300,1,1],"children":[1]},{"scale":[1e300,1,1]}])")),
            "f.glb: nodes[1] has a transform that is not finite.");
  EXPECT_EQ(error(json::parse(R"([{"mesh":0,"scale":[1e300,1,1]}])")),
            "f.glb: accessor 0 leaves the range of float under its node's transform.");
}

TEST(Gltf, NodesMayNestDeeply) {
  TestGltf gltf;
  for (int i = 0; i < 50'000; ++i) gltf.root["nodes"].push_back({{"children", {i + 1}}});
  gltf.root["nodes"].push_back({{"mesh", 0}});
  EXPECT_EQ(gltf.read().num_faces(), 2);
}

// tinygltf takes all of these for an absent value.
TEST(Gltf, ValuesOfTheWrongTypeAreErrors) {
  const auto error = [](const char* pointer, const json& value) {
    TestGltf gltf;
    gltf.root["nodes"] = {{{"mesh", 0}}};
    gltf.root[json::json_pointer(pointer)] = value;
    return gltf.error();
  };
  EXPECT_EQ(error("/accessors/0/byteOffset", -4), "f.glb: accessors[0].byteOffset is not a non-negative integer.");
  EXPECT_EQ(error("/accessors/0/byteOffset", 4.0), "f.glb: accessors[0].byteOffset is not a non-negative integer.");
  EXPECT_EQ(error("/accessors/0/normalized", 1), "f.glb: accessors[0].normalized is not true or false.");
  EXPECT_EQ(error("/accessors/0/sparse", json::object()), "f.glb: accessors[0].sparse has no count.");
  EXPECT_EQ(error("/accessors/0/type", 3), "f.glb: accessors[0].type is not a string.");
  EXPECT_EQ(error("/bufferViews/0/buffer", 4294967296),
            "f.glb: bufferViews[0].buffer is not an integer from 0 to 2^31 - 1.");
  EXPECT_EQ(error("/meshes/0/primitives/0/mode", "x"),
            "f.glb: meshes[0].primitives[0].mode is not an integer from 0 to 2^31 - 1.");
  EXPECT_EQ(error("/meshes/0/primitives/0/indices", -1),
            "f.glb: meshes[0].primitives[0].indices is not an integer from 0 to 2^31 - 1.");
  EXPECT_EQ(error("/meshes/0/primitives/0/attributes", 1),
            "f.glb: meshes[0].primitives[0].attributes is not an object.");
  EXPECT_EQ(error("/meshes/0/primitives/0/attributes/POSITION", "0"),
            "f.glb: meshes[0].primitives[0].attributes is not an object of accessor indices.");
  EXPECT_EQ(error("/meshes/0/primitives/0/targets", json::parse("[1]")),
            "f.glb: meshes[0].primitives[0].targets[0] is not an object.");
  EXPECT_EQ(error("/meshes/0/primitives", json::object()), "f.glb: meshes[0].primitives is not a list.");
  EXPECT_EQ(error("/meshes/0/extras", json::parse(R"({"targetNames":[null]})")),
            "f.glb: meshes[0].extras.targetNames is not a list of strings.");
  EXPECT_EQ(error("/nodes/0/children", json::parse("[-1]")), "f.glb: nodes[0].children is not a list of indices.");
  EXPECT_EQ(error("/nodes/0/matrix", json::parse("[1,2]")), "f.glb: nodes[0].matrix is not a list of 16 numbers.");
  EXPECT_EQ(error("/nodes/0/scale", json::parse("[1,2,\"3\"]")), "f.glb: nodes[0].scale is not a list of 3 numbers.");
  EXPECT_EQ(error("/nodes", 1), "f.glb: nodes is not a list.");
  EXPECT_EQ(error("/scene", -1), "f.glb: scene is not an integer from 0 to 2^31 - 1.");
  EXPECT_EQ(error("/accessors/0/type", "VEC\n5"),
            "f.glb: accessors[0].type is \"VEC\\x0A5\", expected SCALAR, VEC2 to VEC4 or MAT2 to MAT4.");
}

// Each of these primitives adds all verts again: a few kilobytes that would become gigabytes.
TEST(Gltf, ASmallFileCannotBecomeHuge) {
  TestGltf gltf;
  const size_t num_verts = 200'000;
  gltf.first_primitive()["attributes"]["POSITION"] = gltf.add_floats(Floats(num_verts * 3), "VEC3");
  for (int i = 0; i < 2000; ++i) gltf.root["nodes"].push_back({{"mesh", 0}});
  EXPECT_EQ(gltf.error(), "f.glb: expands to more than 16 times the size of its buffers.");
}

TEST(Gltf, ManyUsesOfManyTargetsDoNotTakeForever) {
  TestGltf gltf;
  const int zeros = gltf.add_accessor({{"componentType", kFloat}, {"type", "VEC3"}, {"count", 4}});
  for (int i = 0; i < 5000; ++i) gltf.first_primitive()["targets"].push_back({{"POSITION", zeros}});
  for (int i = 0; i < 5000; ++i) gltf.root["nodes"].push_back({{"mesh", 0}});
  EXPECT_EQ(gltf.error(), "f.glb: expands to more than 16 times the size of its buffers.");
}

TEST(Gltf, EveryTruncationIsAnError) {
  TestGltf gltf;
  const std::string glb = gltf.glb();
  for (size_t size = 0; size < glb.size(); ++size) {
    EXPECT_THROW(parse_gltf(bytes_of(std::string_view(glb).substr(0, size)), "f"), Error) << size;
  }
}

TEST(Gltf, ErrorsOfTheTopologyExtension) {
  const auto error = [](const json& topology) {
    TestGltf gltf;
    gltf.add_indices({0, 1, 2});
    gltf.root["meshes"][0]["extensions"] = {{"BISQUE_topology", topology}};
    return gltf.error();
  };
  EXPECT_EQ(error({{"verts", "x"}, {"faces", 2}}),
            "f.glb: meshes[0].extensions.BISQUE_topology has a value of the wrong type.");
  EXPECT_EQ(error(json::array()), "f.glb: meshes[0].extensions.BISQUE_topology has a value of the wrong type.");
  EXPECT_EQ(error({{"verts", 5}, {"faces", 2}}), "f.glb: meshes[0] has 4 verts, but BISQUE_topology names 5.");
  EXPECT_EQ(error({{"verts", -1}, {"faces", 2}}), "f.glb: meshes[0] has 4 verts, but BISQUE_topology names -1.");
  EXPECT_EQ(error({{"verts", 2}, {"faces", 2}}),
            "f.glb: accessor 2 of BISQUE_topology holds index 2, expected less than 2.");
  EXPECT_EQ(error({{"verts", 4}, {"faces", 99}}), "f.glb: refers to accessor 99, but the file has 3 accessors.");
  EXPECT_EQ(error({{"verts", 4}, {"faces", 2}, {"faceGroups", 2}, {"groupNames", {"a", "b", "c"}}}),
            "f.glb: accessor 2 of BISQUE_topology has 3 elements, expected 1.");
}

}  // namespace
}  // namespace bisque
