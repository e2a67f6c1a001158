// Reading glTF accessors, every range checked, as tinygltf checks none.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <bisque/ops3d/io/gltf_document.h>

namespace tinygltf {
class Model;
struct Accessor;
}  // namespace tinygltf

namespace bisque {

/// The values of a morph target: elements that are not zero, by rising index.
struct SparseVectors {
  std::vector<int32_t> indices;
  std::vector<float> values;  // [indices, 3]
};

/// Reads the accessors of one file. What it hands out is bounded by the size of the file's buffers, so that a small
/// file that uses one accessor over and over cannot fill the memory.
class GltfAccessors {
 public:
  /// All three must outlive it.
  GltfAccessors(const tinygltf::Model& model, const GltfDocument& document, const std::string& where);

  /// The number of elements. Error: no such accessor.
  int64_t count(int accessor) const;
  /// [count, components] of a float or integer accessor, normalized where it says so. Error: another type of element,
  /// a range outside its buffer, a value that is not finite.
  std::vector<float> floats(int accessor, int components);
  /// [count] of an unsigned integer accessor.
  std::vector<uint32_t> integers(int accessor);
  /// A VEC3 accessor without its zeros; a sparse one is not blown up to its full size.
  SparseVectors sparse_vectors(int accessor);
  /// Counts bytes that are made of the file. Error: more than its buffers allow.
  void charge(uint64_t bytes);

 private:
  struct Elements;  // a strided range in a buffer, checked
  const tinygltf::Accessor& at(int accessor) const;
  Elements elements(int accessor, int view, uint64_t offset, uint64_t count, int component_type, int components) const;
  Elements dense(int accessor, int components) const;
  void check_type(int accessor, int components) const;
  std::vector<uint32_t> sparse_indices(int accessor) const;
  std::vector<float> sparse_values(int accessor, int components) const;
  std::vector<uint32_t> read_integers(const Elements& elements, int accessor, const char* what) const;
  std::vector<float> read_floats(const Elements& elements, bool normalized, int accessor) const;

  const tinygltf::Model& model_;
  const GltfDocument& document_;
  const std::string& where_;
  uint64_t budget_ = 0;  // bytes that may still be handed out
};

}  // namespace bisque
