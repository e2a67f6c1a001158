#include <bisque/core/checkpoint/tensor_reader.h>

#include <ATen/ATen.h>
#include <c10/core/DispatchKeySet.h>

#include <algorithm>

#include <bisque/core/checkpoint/index_checks.h>
#include <bisque/core/error.h>
#include <bisque/core/serialization/text.h>

namespace bisque {
namespace {

/// A view of a storage on the CPU, made without the dispatcher.
at::Tensor view_on_cpu(const TensorInfo& info, const c10::Storage& storage, at::ScalarType dtype) {
  at::Tensor tensor = at::detail::make_tensor<at::TensorImpl>(
      c10::Storage(storage), c10::DispatchKeySet(c10::DispatchKey::CPU), c10::scalarTypeToTypeMeta(dtype));
  tensor.unsafeGetTensorImpl()->set_sizes_and_strides(info.sizes, info.strides, info.storage_offset);
  return tensor;
}

}  // namespace

at::ScalarType scalar_type(TorchDtype dtype, const std::string& where) {
  // The numbers are torch's; later versions have more of them.
  if (static_cast<int>(dtype) >= static_cast<int>(at::ScalarType::Undefined)) {
    fail(where, ": has values of dtype ", dtype_name(dtype), ", which this torch does not have.");
  }
  return static_cast<at::ScalarType>(dtype);
}

at::Layout layout_of(TorchLayout layout) {
  switch (layout) {
    case TorchLayout::SparseCoo:
      return at::kSparse;
    case TorchLayout::SparseCsr:
      return at::kSparseCsr;
    case TorchLayout::SparseCsc:
      return at::kSparseCsc;
    case TorchLayout::SparseBsr:
      return at::kSparseBsr;
    case TorchLayout::SparseBsc:
      return at::kSparseBsc;
    default:
      return at::kStrided;
  }
}

at::Tensor TensorReader::read(const TensorObject& object) const {
  constexpr size_t kTensorBytes = 512;
  budget_.charge(kTensorBytes);
  at::Tensor tensor = object.nested ? read_nested(std::get<TensorInfo>(object.tensor), *object.nested)
                                    : std::visit([&](const auto& info) { return read(info); }, object.tensor);
  if (object.requires_grad) {
    if (!at::isFloatingType(tensor.scalar_type()) && !at::isComplexType(tensor.scalar_type())) {
      fail(file_.where(),
           ": a tensor of integers requires a gradient, which only floating-point and complex tensors can have.");
    }
    tensor.set_requires_grad(true);
  }
  return tensor;
}

at::Tensor TensorReader::read(const TensorInfo& info) const {
  constexpr size_t kDimensionBytes = 16;
  budget_.charge(kDimensionBytes * info.sizes.size());
  const at::ScalarType dtype = scalar_type(info.dtype, file_.where());
  const c10::Storage& storage = storages_[info.storage.key];
  if (file_.is_big_endian() && info.storage.is_untyped && item_size(info.dtype) > 1) {
    // torch.load silently returns such numbers byte-swapped.
    fail(file_.where(), ": a tensor of ", dtype_name(info.dtype),
         " has a storage without a dtype in a big-endian file; expected a little-endian file for that.");
  }
  if (info.quantizer) return read_quantized(info, storage);
  at::Tensor tensor = storage.device().is_cpu() ? view_on_cpu(info, storage, dtype)
                                                : at::empty({0}, at::TensorOptions(dtype).device(storage.device()))
                                                      .set_(storage, info.storage_offset, info.sizes, info.strides);
  if (info.is_conj) tensor._set_conj(true);
  if (info.is_neg) tensor._set_neg(true);
  return tensor;
}

at::Tensor TensorReader::read_quantized(const TensorInfo& info, const c10::Storage& storage) const {
  const QuantizerInfo& quantizer = *info.quantizer;
  const auto type = at::TensorOptions(scalar_type(info.dtype, file_.where())).device(storage.device());
  const bool is_per_tensor =
      quantizer.scheme == TorchQScheme::PerTensorAffine || quantizer.scheme == TorchQScheme::PerTensorSymmetric;
  at::Tensor tensor = is_per_tensor ? at::_empty_affine_quantized({0}, type, quantizer.scale, quantizer.zero_point)
                                    : read_per_channel(info, type);
  return tensor.set_(storage, info.storage_offset, info.sizes, info.strides);
}

/// A quantized tensor whose storage and sizes are set later.
at::Tensor TensorReader::read_per_channel(const TensorInfo& info, at::TensorOptions type) const {
  const QuantizerInfo& quantizer = *info.quantizer;
  const auto numbers = [&](const std::optional<TensorInfo>& tensor, const std::vector<double>& list) {
    return (tensor ? read_part(*tensor) : at::tensor(list, at::kDouble)).to(type.device());
  };
  const at::Tensor scales = numbers(quantizer.scales, quantizer.scale_list);
  at::Tensor zero_points = numbers(quantizer.zero_points, quantizer.zero_point_list);
  if (quantizer.scheme != TorchQScheme::PerChannelAffineFloatQParams) zero_points = zero_points.to(at::kLong);
  // The scales belong to one dimension; with no elements in the others nothing is allocated.
  std::vector<int64_t> sizes(info.sizes.size(), 0);
  sizes[static_cast<size_t>(quantizer.axis)] = info.sizes[static_cast<size_t>(quantizer.axis)];
  return at::_empty_per_channel_affine_quantized(sizes, scales, zero_points, quantizer.axis, type);
}

/// A part of a tensor that is read completely: elements that share memory are charged.
at::Tensor TensorReader::read_part(const TensorInfo& info) const {
  const auto bytes = static_cast<size_t>(info.numel()) * item_size(info.dtype);
  budget_.charge(bytes - std::min<size_t>(bytes, info.storage.root_bytes()));
  budget_.look(info.storage, bytes);
  return read(info);
}

at::Tensor TensorReader::read(const SparseTensorInfo& info) const {
  const at::Tensor indices = read_part(info.indices), values = read_part(info.values);
  try {
    return info.layout == TorchLayout::SparseCoo ? read_coo(info, indices, values)
                                                 : read_compressed(info, indices, values);
  } catch (const c10::Error& error) {
    fail(file_.where(), ": a sparse tensor is not one (", first_line(error.what_without_backtrace()), ").");
  }
}

at::Tensor TensorReader::read_coo(const SparseTensorInfo& info, const at::Tensor& indices,
                                  const at::Tensor& values) const {
  const at::Tensor wide = indices.to(at::kLong);
  check_coo_indices(wide.cpu(), info.sizes, info.is_coalesced.value_or(false), file_.where());
  at::Tensor tensor = at::sparse_coo_tensor(wide, values, info.sizes, values.options().layout(at::kSparse));
  if (info.is_coalesced) tensor._coalesced_(*info.is_coalesced);
  return tensor;
}

at::Tensor TensorReader::read_compressed(const SparseTensorInfo& info, const at::Tensor& indices,
                                         const at::Tensor& values) const {
  const at::Tensor plain_indices = read_part(info.plain_indices);
  const at::Layout layout = layout_of(info.layout);
  at::_validate_sparse_compressed_tensor_args(indices, plain_indices, values, info.sizes, layout);
  return at::_sparse_compressed_tensor_unsafe(indices, plain_indices, values, info.sizes,
                                              values.options().layout(layout));
}

at::Tensor TensorReader::read_nested(const TensorInfo& info, const NestedTables& tables) const {
  const at::Tensor buffer = read_part(info);
  // Copies, so that nothing changes them after the check.
  const auto table = [&](const TensorInfo& part) {
    return read_part(part).to(at::kCPU).clone(at::MemoryFormat::Contiguous);
  };
  const at::Tensor sizes = table(tables.sizes), strides = table(tables.strides), offsets = table(tables.offsets);
  check_nested_tables(sizes, strides, offsets, buffer.numel(), file_.where());
  try {
    return at::_nested_view_from_buffer(buffer, sizes, strides, offsets);
  } catch (const c10::Error& error) {
    fail(file_.where(), ": a nested tensor is not one (", first_line(error.what_without_backtrace()), ").");
  }
}

at::Tensor TensorReader::read(const MetaTensorInfo& info) const {
  return at::empty_strided(info.sizes, info.strides,
                           at::TensorOptions(scalar_type(info.dtype, file_.where())).device(at::kMeta));
}

}  // namespace bisque
