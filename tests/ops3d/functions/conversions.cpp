#include <bisque/ops3d/structures/conversions.h>

#include <torch/library.h>

namespace bisque {
namespace {

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor> packed_of_list(const std::vector<at::Tensor>& list) {
  const auto [packed, num_items, first_idx, to_list_idx] = list_to_packed(list);
  return {packed, num_items, first_idx, to_list_idx};
}

at::Tensor padded_of_list(at::TensorList list, at::IntArrayRef pad_size, double pad_value) {
  return list_to_padded(list.vec(), pad_size.vec(), pad_value);
}

// `sizes` are `dims` sizes for each element.
std::vector<at::Tensor> list_of_padded(const at::Tensor& padded, at::IntArrayRef sizes, int64_t dims) {
  if (dims == 1) return padded_to_list(padded, sizes.vec());
  std::vector<std::vector<int64_t>> split_sizes;
  for (size_t i = 0; i < sizes.size(); i += static_cast<size_t>(dims)) {
    split_sizes.push_back(sizes.slice(i, static_cast<size_t>(dims)).vec());
  }
  return padded_to_list(padded, split_sizes);
}

std::vector<at::Tensor> list_of_packed(const at::Tensor& packed, at::IntArrayRef sizes) {
  return packed_to_list(packed, sizes.vec());
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  library.def("list_to_padded(Tensor[] list, int[] pad_size=[], float pad_value=0.0) -> Tensor", &padded_of_list);
  library.def("padded_to_list(Tensor padded, int[] sizes, int dims=1) -> Tensor[]", &list_of_padded);
  library.def("list_to_packed(Tensor[] list) -> (Tensor, Tensor, Tensor, Tensor)",
              [](at::TensorList list) { return packed_of_list(list.vec()); });
  library.def("packed_to_list(Tensor packed, int[] split_sizes) -> Tensor[]", &list_of_packed);
}

}  // namespace bisque
