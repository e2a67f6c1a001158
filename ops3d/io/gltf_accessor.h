// Internal. Reads glTF accessors with all range checks, because tinygltf has none.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <bisque/ops3d/io/gltf_document.h>
#include <bisque/ops3d/io/gltf_draco.h>

namespace tinygltf {
class Model;
struct Accessor;
}  // namespace tinygltf

namespace bisque {

/// The values of a morph target: the nonzero elements, by increasing index.
struct SparseVectors {
  std::vector<int32_t> indices;
  std::vector<float> values;  // [indices, 3]
};

/// Reads the accessors of one file; compressed buffer views are decoded when they are first read. The total output is
/// limited by the size of the file's buffers, so a small file that uses one accessor many times cannot exhaust memory.
class GltfAccessors {
 public:
  /// All three must outlive it.
  GltfAccessors(const tinygltf::Model& model, const GltfDocument& document, const std::string& where);

  /// The number of elements. Error: no such accessor.
  int64_t count(int accessor) const;
  /// The components of an element. Error: no such accessor.
  int components(int accessor) const;
  /// [count, components] of a float or integer accessor, normalized if it is marked so; 16 components are a matrix.
  /// Error: another type of element, a range outside its buffer, a value that is not finite.
  std::vector<float> floats(int accessor, int components);
  /// The same for normals, which some exporters write as NaN for faces without area.
  std::vector<float> normals(int accessor);
  /// [count] of an unsigned integer accessor.
  std::vector<uint32_t> integers(int accessor);
  /// A VEC3 accessor without its zeros; a sparse one is not expanded to its full size.
  SparseVectors sparse_vectors(int accessor);
  /// Decodes a primitive compressed by Draco: its accessors then hold the decoded data. Returns the corners of its
  /// triangles. Error: see decode_draco().
  std::vector<uint32_t> decode(const GltfDracoPrimitive& primitive, const std::map<std::string, int>& attributes,
                               const std::string& path);
  /// Counts bytes decoded from the file. Error: more than its buffers allow.
  void charge(uint64_t bytes);

 private:
  struct Elements;  // a checked strided range in a buffer
  const tinygltf::Accessor& at(int accessor) const;
  Elements elements(int accessor, int view, uint64_t offset, uint64_t count, int component_type, int components);
  Elements dense(int accessor, int components);
  size_t stride_of(int view, size_t element_bytes) const;
  bool has_data(int accessor) const;
  std::span<const std::byte> view_bytes(int view);
  std::span<const std::byte> buffer_range(int view, int buffer, uint64_t offset, uint64_t length) const;
  std::span<const std::byte> decode_view(int view, const MeshoptView& compressed);
  void charge_decoded(uint64_t bytes, const std::string& path);
  void check_type(int accessor, int components) const;
  void check_finite(const std::vector<float>& values, int components, int accessor) const;
  std::vector<uint32_t> sparse_indices(int accessor);
  std::vector<float> sparse_values(int accessor, int components);
  std::vector<uint32_t> read_integers(const Elements& elements, int accessor, const char* what) const;
  std::vector<float> read_floats(const Elements& elements, bool normalized) const;
  std::vector<float> any_floats(int accessor, int components);

  const tinygltf::Model& model_;
  const GltfDocument& document_;
  const std::string& where_;
  uint64_t buffer_bytes_ = 0;
  uint64_t decoded_bytes_ = 0;  // from compressed views and primitives
  uint64_t handed_out_ = 0;
  std::map<int, std::vector<std::byte>> decoded_views_;
  std::map<int, GltfArray> decoded_accessors_;
};

}  // namespace bisque
