// The sizes of a ragged batch, and the conversions between its forms: list, packed and padded.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace bisque::data {

/// How many rows each element of a batch has: points of a cloud, verts or faces of a mesh. The rows of all elements are
///
///   a list   one tensor [size, ...] per element
///   packed   [total, ...], one element after the other
///   padded   [N, longest, ...], with a padding value after the rows of an element
///
/// The sizes are on the host, so that no conversion waits for a device. Conversions are differentiable, on any device.
class RaggedSizes {
 public:
  RaggedSizes() = default;
  explicit RaggedSizes(std::vector<int64_t> sizes);
  /// `lengths` is [N], of any integer dtype and device. `name` begins the error for another shape or dtype, or a
  /// negative length.
  explicit RaggedSizes(const at::Tensor& lengths, const char* name = "RaggedSizes");

  const std::vector<int64_t>& sizes() const { return sizes_; }
  int64_t operator[](int64_t element) const { return sizes_[static_cast<size_t>(element)]; }
  int64_t num_elements() const { return static_cast<int64_t>(sizes_.size()); }
  int64_t total() const { return total_; }
  int64_t longest() const { return longest_; }
  bool are_equal() const { return longest_ * num_elements() == total_; }

  at::Tensor lengths(at::Device device) const;                ///< [N] int64
  at::Tensor first_idx(at::Device device) const;              ///< [N] int64: where each element begins in packed
  at::Tensor packed_to_element_idx(at::Device device) const;  ///< [total] int64: the element of each row
  /// [total] int64: the place of each packed row in padded.flatten(0, 1).
  at::Tensor padded_to_packed_idx(at::Device device) const;

  /// [N, ...] values of elements as [total, ...] values of rows.
  at::Tensor expand(const at::Tensor& values) const;

  std::vector<at::Tensor> list_of_packed(const at::Tensor& packed) const;  ///< views
  at::Tensor padded_of_packed(const at::Tensor& packed, double padding) const;
  /// `padded` is [N, longest or more, ...].
  at::Tensor packed_of_padded(const at::Tensor& padded) const;

 private:
  std::vector<int64_t> sizes_;
  int64_t total_ = 0, longest_ = 0;
};

/// Adds `sign` times the number of verts of the preceding meshes to `faces` [sum F, ...], in place: indices of each
/// mesh's own verts become indices of the packed verts, or with -1 the reverse.
void offset_faces_(at::Tensor faces, const RaggedSizes& num_verts, const RaggedSizes& num_faces, int64_t sign = 1);

/// Fails if `faces` [sum F, ...], with indices of each mesh's own verts, have one that is no vert. `name` begins the
/// error. Waits for the device.
void check_faces(const char* name, const at::Tensor& faces, const RaggedSizes& num_verts, const RaggedSizes& num_faces);

}  // namespace bisque::data
