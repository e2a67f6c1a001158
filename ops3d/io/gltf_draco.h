// Internal. Decodes primitives compressed by KHR_draco_mesh_compression (with draco).
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace bisque {

/// An array with the layout of a glTF accessor and contiguous elements.
struct GltfArray {
  std::vector<std::byte> bytes;
  uint64_t count = 0;
  int component_type = 0;  // glTF's number: 5126 is float
  int components = 0;
};

struct DracoMesh {
  std::vector<uint32_t> corners;        // [F * 3]
  std::map<int, GltfArray> attributes;  // by their unique id in the file
};

/// Decodes a mesh. Memory is limited by the size of `data`, whatever counts it declares, and the output by `max_bytes`.
/// `path` is the prefix of messages. Error: bytes that are not a Draco mesh of bitstream 2.2, which glTF requires; more
/// than the limits.
DracoMesh decode_draco(std::span<const std::byte> data, uint64_t max_bytes, const std::string& path);

}  // namespace bisque
