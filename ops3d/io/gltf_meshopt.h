// Decoding buffer views that EXT_meshopt_compression has compressed (on meshoptimizer).
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bisque {

enum class MeshoptMode { kAttributes, kTriangles, kIndices };
enum class MeshoptFilter { kNone, kOctahedral, kQuaternion, kExponential };

/// The extension of a buffer view: where its compressed bytes are, and what they hold.
struct MeshoptView {
  int buffer = 0;
  uint64_t offset = 0;
  uint64_t length = 0;
  uint64_t stride = 0;  // bytes per element
  uint64_t count = 0;   // elements
  MeshoptMode mode = MeshoptMode::kAttributes;
  MeshoptFilter filter = MeshoptFilter::kNone;
};

/// The size of the view once decoded. `path` names the view and begins the messages.
/// Error: a stride or count that its mode or filter does not allow, or more elements than its compressed bytes can
/// hold; so the size is bounded by that of the file.
uint64_t decoded_bytes(const MeshoptView& view, const std::string& path);

/// The elements, stride * count bytes; `data` is the whole compressed view. Call decoded_bytes() first.
/// Error: bytes that are not what the mode says.
std::vector<std::byte> decode_meshopt(const MeshoptView& view, std::span<const std::byte> data,
                                      const std::string& path);

}  // namespace bisque
