// Tensors of files piece by piece: what they expand to need not fit into memory.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace bisque::cli {

/// The bytes that a command may look at: some for any file, and 16 times its own. A short file can hold tensors of any
/// size (all elements in one place), and one tensor any number of times.
class ByteBudget {
 public:
  explicit ByteBudget(uint64_t file_bytes, uint64_t free_bytes = uint64_t{512} << 20)
      : left_(free_bytes + 16 * file_bytes) {}

  /// Whether there are as many left, which are then gone.
  bool take(const at::Tensor& tensor);

 private:
  uint64_t left_;
};

/// The tensor itself, or the parts of a sparse or nested one, by their names in torch: ".indices", ".values".
std::vector<std::pair<std::string, at::Tensor>> parts_of(const at::Tensor& tensor);

/// Of a quantized tensor its integers, else the tensor itself; a view wherever there can be one.
at::Tensor plain_numbers(const at::Tensor& tensor);

/// Calls `visit` with pieces of the tensors, which have the same sizes, in order: contiguous and of about a megabyte.
void for_each_piece(const std::vector<at::Tensor>& tensors,
                    const std::function<void(const std::vector<at::Tensor>&)>& visit);

}  // namespace bisque::cli
