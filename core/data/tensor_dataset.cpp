#include <bisque/core/data/tensor_dataset.h>

#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>

#include <vector>

#include <bisque/core/data/batch_memory.h>

namespace bisque::data {

int64_t count_rows(std::span<const at::Tensor> tensors) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].defined() || tensors[i].dim() == 0) {
      fail("TensorDataset: expected tensors of one dimension or more, but tensor ", i, " has none.");
    }
    if (tensors[i].size(0) != tensors[0].size(0)) {
      fail("TensorDataset: expected tensors of as many rows, but tensor ", i, " has ", tensors[i].size(0),
           " and tensor 0 ", tensors[0].size(0), ".");
    }
  }
  return tensors[0].size(0);
}

at::Tensor gather_rows(const at::Tensor& tensor, std::span<const int64_t> indices) {
  for (const int64_t index : indices) check_index("TensorDataset", index, tensor.size(0));
  const auto count = static_cast<int64_t>(indices.size());
  if (!is_plain(tensor)) {
    const at::Tensor places = at::tensor(at::ArrayRef(indices.data(), indices.size()), at::TensorOptions(at::kLong));
    return tensor.index_select(0, places.to(tensor.device()));
  }
  at::DimVector sizes(tensor.sizes());
  sizes[0] = count;
  at::Tensor rows = empty_batch(sizes, tensor.scalar_type());
  const size_t bytes = tensor.size(0) == 0 ? 0 : tensor.nbytes() / static_cast<size_t>(tensor.size(0));
  const auto* from = static_cast<const char*>(tensor.const_data_ptr());
  std::vector<const void*> pieces;
  pieces.reserve(indices.size());
  for (const int64_t index : indices) pieces.push_back(from + static_cast<size_t>(index) * bytes);
  copy_pieces(pieces, bytes, rows.mutable_data_ptr());
  return rows;
}

}  // namespace bisque::data
