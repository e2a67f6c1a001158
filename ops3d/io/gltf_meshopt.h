// Decodes buffer views compressed by EXT_meshopt_compression (with meshoptimizer).
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bisque {

enum class MeshoptMode { kAttributes, kTriangles, kIndices };
enum class MeshoptFilter { kNone, kOctahedral, kQuaternion, kExponential };

/// The extension of a buffer view: the location and type of its compressed bytes.
struct MeshoptView {
  int buffer = 0;
  uint64_t offset = 0;
  uint64_t length = 0;
  uint64_t stride = 0;  // bytes per element
  uint64_t count = 0;   // elements
  MeshoptMode mode = MeshoptMode::kAttributes;
  MeshoptFilter filter = MeshoptFilter::kNone;
};

/// The decoded size of the view. `path` is the view, as prefix of messages. Error: a stride or count that its mode or
/// filter does not allow, or more elements than its compressed bytes can hold; so the size is limited by that of the
/// file.
uint64_t decoded_bytes(const MeshoptView& view, const std::string& path);

/// The elements, stride * count bytes; `data` is the whole compressed view. Call decoded_bytes() first. Error: bytes
/// that are invalid in this mode.
std::vector<std::byte> decode_meshopt(const MeshoptView& view, std::span<const std::byte> data,
                                      const std::string& path);

}  // namespace bisque
