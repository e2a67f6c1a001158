// Internal. Decoding primitives that KHR_draco_mesh_compression has compressed (on draco).
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace bisque {

/// An array with the layout of a glTF accessor, its elements one after the other.
struct GltfArray {
  std::vector<std::byte> bytes;
  uint64_t count = 0;
  int component_type = 0;  // as glTF numbers them: 5126 is float
  int components = 0;
};

struct DracoMesh {
  std::vector<uint32_t> corners;        // [F * 3]
  std::map<int, GltfArray> attributes;  // by the unique id that the file gives them
};

/// Decodes a mesh. Memory is bounded by the size of `data`, whatever counts it names, and what is decoded by
/// `max_bytes`. `path` begins the messages.
/// Error: bytes that are not a Draco mesh of bitstream 2.2, which glTF prescribes; more than the bounds.
DracoMesh decode_draco(std::span<const std::byte> data, uint64_t max_bytes, const std::string& path);

}  // namespace bisque
