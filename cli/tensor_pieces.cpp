#include "cli/tensor_pieces.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace bisque::cli {
namespace {

constexpr int64_t kPieceElements = int64_t{1} << 17;

at::Tensor contiguous_bits(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.resolve_conj().resolve_neg();
  if (plain.is_contiguous()) return plain;
  // Copies are not available for every dtype, but for integers of every size.
  const at::ScalarType type = plain.scalar_type();
  switch (plain.element_size()) {
    case 1:
      return plain.view(at::kByte).contiguous().view(type);
    case 2:
      return plain.view(at::kShort).contiguous().view(type);
    case 4:
      return plain.view(at::kInt).contiguous().view(type);
    case 8:
      return plain.view(at::kLong).contiguous().view(type);
    default:
      return plain.contiguous();
  }
}

bool is_packed(at::ScalarType type) { return type == at::kQUInt4x2 || type == at::kQUInt2x4; }

}  // namespace

bool ByteBudget::take(const at::Tensor& tensor) {
  uint64_t bytes = 0;
  const auto numel = static_cast<uint64_t>(tensor.numel());
  if (__builtin_mul_overflow(numel, static_cast<uint64_t>(tensor.element_size()), &bytes) || bytes > left_)
    return false;
  left_ -= bytes;
  return true;
}

std::vector<std::pair<std::string, at::Tensor>> parts_of(const at::Tensor& tensor) {
  if (tensor.is_nested()) {
    return {{".values", tensor.values()},
            {".sizes", tensor._nested_tensor_size()},
            {".strides", tensor._nested_tensor_strides()},
            {".offsets", tensor._nested_tensor_storage_offsets()}};
  }
  switch (tensor.layout()) {
    case at::kStrided:
      return {{"", tensor}};
    case at::kSparse:
      return {{".indices", tensor._indices()}, {".values", tensor._values()}};
    case at::kSparseCsr:
    case at::kSparseBsr:
      return {{".crow_indices", tensor.crow_indices()},
              {".col_indices", tensor.col_indices()},
              {".values", tensor.values()}};
    default:
      return {{".ccol_indices", tensor.ccol_indices()},
              {".row_indices", tensor.row_indices()},
              {".values", tensor.values()}};
  }
}

at::Tensor plain_numbers(const at::Tensor& tensor) {
  if (!tensor.is_quantized()) return tensor;
  if (is_packed(tensor.scalar_type())) return tensor.int_repr();
  const at::ScalarType integers = at::toUnderlying(tensor.scalar_type());
  return at::empty({0}, integers).set_(tensor.storage(), tensor.storage_offset(), tensor.sizes(), tensor.strides());
}

void for_each_piece(const std::vector<at::Tensor>& tensors,
                    const std::function<void(const std::vector<at::Tensor>&)>& visit) {
  const int64_t numel = tensors[0].numel();
  if (numel == 0) return;
  std::vector<at::Tensor> pieces(tensors.size());
  if (numel <= kPieceElements) {
    std::transform(tensors.begin(), tensors.end(), pieces.begin(), contiguous_bits);
    visit(pieces);
    return;
  }
  const auto sizes = tensors[0].sizes();
  const auto dim = std::find_if(sizes.begin(), sizes.end(), [](int64_t size) { return size > 1; }) - sizes.begin();
  const int64_t size = sizes[static_cast<size_t>(dim)];
  const int64_t step = std::max<int64_t>(1, kPieceElements / (numel / size));
  for (int64_t begin = 0; begin < size; begin += step) {
    const int64_t length = std::min(step, size - begin);
    std::transform(tensors.begin(), tensors.end(), pieces.begin(),
                   [&](const at::Tensor& tensor) { return tensor.narrow(dim, begin, length); });
    for_each_piece(pieces, visit);
  }
}

}  // namespace bisque::cli
