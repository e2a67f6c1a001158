// Internal. The buffer of a .glb file that is written, and the accessors that describe it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <nlohmann/json.hpp>

#include <bisque/ops3d/io/mesh_data.h>

namespace bisque {

class GltfBuffer {
 public:
  /// Each returns the index of a new view or accessor.
  int add_view(std::span<const std::byte> bytes);
  int add_integers(std::span<const uint32_t> values);
  /// Of vectors; 16 components are a matrix.
  int add_floats(std::span<const float> values, size_t components);
  /// Four bytes in each value.
  int add_joints(std::span<const uint32_t> values);
  /// `count` vectors that are zero except those at the morph's verts.
  int add_sparse(const MorphTarget& morph, size_t count);

  const std::vector<std::byte>& bytes() const { return bytes_; }
  const nlohmann::json& accessors() const { return accessors_; }
  const nlohmann::json& views() const { return views_; }

 private:
  int add_accessor(nlohmann::json accessor);

  std::vector<std::byte> bytes_;
  nlohmann::json accessors_ = nlohmann::json::array();
  nlohmann::json views_ = nlohmann::json::array();
};

}  // namespace bisque
