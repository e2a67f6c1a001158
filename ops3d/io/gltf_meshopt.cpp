#include <bisque/ops3d/io/gltf_meshopt.h>

#include <meshoptimizer.h>

#include <bisque/core/error.h>

namespace bisque {
namespace {

constexpr uint64_t kMaxStride = 256;
// Attributes: the header of 16 elements takes 2 bits per byte of the stride, which is the total for zeros.
constexpr uint64_t kAttributeRatio = 64;
// Some later versions of this codec encode whole channels as nothing; the extension only has version 0.
constexpr std::byte kAttributesHeader{0xA0};

void check_attributes(const MeshoptView& view, const std::string& path) {
  if (view.stride == 0 || view.stride > kMaxStride || view.stride % 4 != 0) {
    fail(path, " has a compressed byteStride of ", view.stride, ", expected a multiple of 4 up to ", kMaxStride, ".");
  }
  const bool fits = view.filter == MeshoptFilter::kOctahedral   ? view.stride == 4 || view.stride == 8
                    : view.filter == MeshoptFilter::kQuaternion ? view.stride == 8
                                                                : true;
  if (!fits) fail(path, " has a compressed byteStride of ", view.stride, ", which its filter does not allow.");
}

void check_indices_of(const MeshoptView& view, const std::string& path) {
  if (view.stride != 2 && view.stride != 4) {
    fail(path, " has compressed indices of ", view.stride, " bytes, expected 2 or 4.");
  }
  if (view.filter != MeshoptFilter::kNone) fail(path, " has a filter over indices, expected one over ATTRIBUTES.");
  if (view.mode == MeshoptMode::kTriangles && view.count % 3 != 0) {
    fail(path, " has ", view.count, " corners of TRIANGLES, expected a multiple of 3.");
  }
}

// The maximum number of elements in a given number of bytes.
uint64_t max_count(const MeshoptView& view) {
  switch (view.mode) {
    case MeshoptMode::kAttributes:
      return view.length * kAttributeRatio / view.stride + kAttributeRatio;
    case MeshoptMode::kTriangles:
      return view.length * 3;
    case MeshoptMode::kIndices:
      return view.length;
  }
  return 0;
}

void apply_filter(const MeshoptView& view, std::byte* data) {
  switch (view.filter) {
    case MeshoptFilter::kNone:
      return;
    case MeshoptFilter::kOctahedral:
      return meshopt_decodeFilterOct(data, view.count, view.stride);
    case MeshoptFilter::kQuaternion:
      return meshopt_decodeFilterQuat(data, view.count, view.stride);
    case MeshoptFilter::kExponential:
      return meshopt_decodeFilterExp(data, view.count, view.stride);
  }
}

}  // namespace

uint64_t decoded_bytes(const MeshoptView& view, const std::string& path) {
  if (view.mode == MeshoptMode::kAttributes)
    check_attributes(view, path);
  else
    check_indices_of(view, path);
  if (view.length > INT64_MAX / (3 * kAttributeRatio) || view.count > max_count(view)) {
    fail(path, " has ", view.count, " compressed elements, more than its ", view.length, " bytes can hold.");
  }
  return view.count * view.stride;
}

std::vector<std::byte> decode_meshopt(const MeshoptView& view, std::span<const std::byte> data,
                                      const std::string& path) {
  std::vector<std::byte> elements(view.count * view.stride);
  if (view.count == 0) return elements;
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  int error = 0;
  switch (view.mode) {
    case MeshoptMode::kAttributes:
      error = data.empty() || data[0] != kAttributesHeader ||
              meshopt_decodeVertexBuffer(elements.data(), view.count, view.stride, bytes, data.size()) != 0;
      break;
    case MeshoptMode::kTriangles:
      error = meshopt_decodeIndexBuffer(elements.data(), view.count, view.stride, bytes, data.size());
      break;
    case MeshoptMode::kIndices:
      error = meshopt_decodeIndexSequence(elements.data(), view.count, view.stride, bytes, data.size());
      break;
  }
  if (error != 0) fail(path, " does not hold ", view.count, " elements compressed by meshoptimizer.");
  apply_filter(view, elements.data());
  return elements;
}

}  // namespace bisque
