#include <bisque/core/checkpoint/tensor_writer.h>

#include <ATen/ATen.h>

#include <bisque/core/dtype_name.h>
#include <bisque/core/error.h>

namespace bisque {
namespace {

std::vector<int64_t> list(at::IntArrayRef values) { return values.vec(); }

TorchQScheme torch_qscheme(at::QScheme scheme) {
  switch (scheme) {
    case at::kPerTensorAffine:
      return TorchQScheme::PerTensorAffine;
    case at::kPerChannelAffine:
      return TorchQScheme::PerChannelAffine;
    case at::kPerChannelAffineFloatQParams:
      return TorchQScheme::PerChannelAffineFloatQParams;
    default:
      fail("save: a tensor is quantized in a way that files do not support.");
  }
}

}  // namespace

TorchDtype torch_dtype(at::ScalarType dtype) {
  const auto same = static_cast<TorchDtype>(dtype);
  // The numbers are torch's, but a later torch may have unknown dtypes.
  if (torch_dtype_from_name(dtype_name(dtype).substr(6)) != same) {
    fail("save: files have no dtype ", dtype_name(dtype), " here.");
  }
  return same;
}

TorchLayout torch_layout(at::Layout layout) {
  switch (layout) {
    case at::kStrided:
      return TorchLayout::Strided;
    case at::kSparse:
      return TorchLayout::SparseCoo;
    case at::kSparseCsr:
      return TorchLayout::SparseCsr;
    case at::kSparseCsc:
      return TorchLayout::SparseCsc;
    case at::kSparseBsr:
      return TorchLayout::SparseBsr;
    case at::kSparseBsc:
      return TorchLayout::SparseBsc;
    default:
      fail("save: files have no layout ", layout, ".");
  }
}

TensorObject TensorWriter::describe(const at::Tensor& tensor) {
  TensorObject object;
  object.requires_grad = tensor.requires_grad();
  const at::Tensor plain = tensor.detach();
  if (plain.is_nested()) {
    object.nested = nested_tables(plain);
    object.tensor = strided(plain.values());
  } else if (plain.is_meta()) {
    object.tensor = MetaTensorInfo{torch_dtype(plain.scalar_type()), list(plain.sizes()), list(plain.strides())};
  } else if (torch_layout(plain.layout()) != TorchLayout::Strided) {
    object.tensor = sparse(plain);
  } else {
    TensorInfo info = strided(plain);
    info.requires_grad = object.requires_grad;
    object.tensor = std::move(info);
  }
  return object;
}

TensorInfo TensorWriter::strided(const at::Tensor& tensor) {
  if (!tensor.has_storage()) fail("save: a tensor has no storage (", tensor.toString(), "), expected a plain one.");
  TensorInfo info;
  info.dtype = torch_dtype(tensor.scalar_type());
  info.storage = storage_info(tensor.storage(), info.dtype, storage_type_name(info.dtype).empty());
  info.storage_offset = tensor.storage_offset();
  info.sizes = list(tensor.sizes());
  info.strides = list(tensor.strides());
  info.is_conj = tensor.is_conj();
  info.is_neg = tensor.is_neg();
  if (!tensor.is_quantized()) return info;
  auto quantizer = std::make_shared<QuantizerInfo>();
  quantizer->scheme = torch_qscheme(tensor.qscheme());
  if (quantizer->scheme == TorchQScheme::PerTensorAffine) {
    quantizer->scale = tensor.q_scale();
    quantizer->zero_point = tensor.q_zero_point();
  } else {
    quantizer->scales = strided(tensor.q_per_channel_scales());
    quantizer->zero_points = strided(tensor.q_per_channel_zero_points());
    quantizer->axis = tensor.q_per_channel_axis();
  }
  info.quantizer = std::move(quantizer);
  return info;
}

SparseTensorInfo TensorWriter::sparse(const at::Tensor& tensor) {
  SparseTensorInfo info;
  info.layout = torch_layout(tensor.layout());
  info.sizes = list(tensor.sizes());
  if (info.layout == TorchLayout::SparseCoo) {
    info.indices = strided(tensor._indices());
    info.values = strided(tensor._values());
    info.is_coalesced = tensor.is_coalesced();
    return info;
  }
  const bool by_rows = info.layout == TorchLayout::SparseCsr || info.layout == TorchLayout::SparseBsr;
  info.indices = strided(by_rows ? tensor.crow_indices() : tensor.ccol_indices());
  info.plain_indices = strided(by_rows ? tensor.col_indices() : tensor.row_indices());
  info.values = strided(tensor.values());
  return info;
}

NestedTables TensorWriter::nested_tables(const at::Tensor& tensor) {
  if (tensor.layout() != at::kStrided) {
    fail("save: a nested tensor has the layout ", tensor.layout(), ", expected torch.strided.");
  }
  NestedTables info;
  info.sizes = strided(tensor._nested_tensor_size());
  info.strides = strided(tensor._nested_tensor_strides());
  info.offsets = strided(tensor._nested_tensor_storage_offsets());
  return info;
}

StorageInfo TensorWriter::storage_info(const c10::Storage& storage, TorchDtype dtype, bool is_untyped) {
  const TorchDtype element = is_untyped ? TorchDtype::UInt8 : dtype;
  const auto [entry, is_new] = index_.try_emplace(storage.unsafeGetStorageImpl(), storages_.size());
  if (is_new) {
    const size_t size = item_size(element);
    storages_.push_back({std::to_string(storages_.size()), storage.device().str(), storage, element, is_untyped,
                         storage.nbytes() / size * size});
  }
  const Storage& kept = storages_[entry->second];
  if (kept.dtype != element || kept.is_untyped != is_untyped) {
    fail("save: two tensors view one storage as ", dtype_name(kept.dtype), " and as ", dtype_name(dtype),
         ", which files do not have; clone() one of them.");
  }
  StorageInfo info;
  info.key = kept.key;
  info.location = kept.location;
  info.dtype = kept.dtype;
  info.is_untyped = kept.is_untyped;
  info.root_numel = info.numel = static_cast<int64_t>(kept.bytes / item_size(element));
  return info;
}

}  // namespace bisque
