// glTF files that tests put together.
#pragma once
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <bisque/ops3d/io/gltf.h>
#include <bisque/tests/testing/bytes.h>
#include <bisque/tests/testing/errors.h>

namespace bisque::test {

using nlohmann::json;
using Floats = std::vector<float>;
using Ints = std::vector<int32_t>;

inline constexpr int kByte = 5120;
inline constexpr int kUnsignedByte = 5121;
inline constexpr int kShort = 5122;
inline constexpr int kUnsignedShort = 5123;
inline constexpr int kUnsignedInt = 5125;
inline constexpr int kFloat = 5126;

// A glTF file that the test puts together: two triangles of a unit square, accessor 0, unless it adds others.
class TestGltf {
 public:
  TestGltf() {
    root = {{"asset", {{"version", "2.0"}}}, {"meshes", json::array()}};
    add_floats({0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0}, "VEC3");
    root["meshes"].push_back({{"primitives", {primitive({{"POSITION", 0}}, {0, 1, 2, 2, 1, 3})}}});
  }

  template <class T>
  int add_view(const std::vector<T>& values, int stride = 0) {
    while (bin.size() % 4 != 0) bin += '\0';
    json view{{"buffer", 0}, {"byteOffset", bin.size()}, {"byteLength", values.size() * sizeof(T)}};
    if (stride > 0) view["byteStride"] = stride;
    bin += raw(values);
    root["bufferViews"].push_back(view);
    return static_cast<int>(root["bufferViews"].size()) - 1;
  }

  int add_accessor(const json& accessor) {
    root["accessors"].push_back(accessor);
    return static_cast<int>(root["accessors"].size()) - 1;
  }

  template <class T>
  int add(const std::vector<T>& values, int component_type, const std::string& type, size_t count) {
    return add_accessor(
        {{"bufferView", add_view(values)}, {"componentType", component_type}, {"type", type}, {"count", count}});
  }

  int add_floats(const Floats& values, const std::string& type) {
    return add(values, kFloat, type, values.size() / (type == "VEC2" ? 2 : 3));
  }

  int add_indices(const std::vector<uint16_t>& values) { return add(values, kUnsignedShort, "SCALAR", values.size()); }

  json primitive(const json& attributes, const std::vector<uint16_t>& indices) {
    return {{"attributes", attributes}, {"indices", add_indices(indices)}};
  }

  json& first_primitive() { return root["meshes"][0]["primitives"][0]; }

  std::string glb() {
    root["buffers"] = {{{"byteLength", bin.size()}}};
    return container(root.dump(), bin);
  }

  static std::string container(std::string text, std::string data) {
    text.append((4 - text.size() % 4) % 4, ' ');
    data.append((4 - data.size() % 4) % 4, '\0');
    const std::string body = u32(text.size()) + "JSON" + text + u32(data.size()) + std::string("BIN\0", 4) + data;
    return "glTF" + u32(2) + u32(12 + body.size()) + body;
  }

  static std::string u32(size_t value) { return little_endian(value, 4); }

  MeshData read() { return parse_gltf(bytes_of(kept_ = glb()), "f.glb").mesh; }
  std::string error() {
    return error_of([&] { read(); });
  }

  json root;
  std::string bin;

 private:
  std::string kept_;
};

/// Compares lists of values, with the place of the first that differs in the message.
inline void expect_near(const Floats& found, const Floats& expected, double tolerance = 1e-6) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], tolerance) << "value " << i;
}

inline const Floats kSquare{0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0};

}  // namespace bisque::test
