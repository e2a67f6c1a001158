// Tensors of files in pieces: the expanded tensors need not fit into memory.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace bisque::cli {

/// The number of bytes that a command may read: a fixed amount plus 16 times the file. A short file can hold tensors of
/// any size (all elements in one place), and one tensor many times.
class ByteBudget {
 public:
  explicit ByteBudget(uint64_t file_bytes, uint64_t free_bytes = uint64_t{512} << 20)
      : left_(free_bytes + 16 * file_bytes) {}

  /// Whether enough bytes are left, which are then subtracted.
  bool take(const at::Tensor& tensor);

 private:
  uint64_t left_;
};

/// The tensor itself, or the parts of a sparse or nested one, by their names in torch: ".indices", ".values".
std::vector<std::pair<std::string, at::Tensor>> parts_of(const at::Tensor& tensor);

/// The integers of a quantized tensor, else the tensor itself; a view if possible.
at::Tensor plain_numbers(const at::Tensor& tensor);

/// Calls `visit` with pieces of the tensors, which have the same sizes, in order: contiguous and about a megabyte each.
void for_each_piece(const std::vector<at::Tensor>& tensors,
                    const std::function<void(const std::vector<at::Tensor>&)>& visit);

}  // namespace bisque::cli
