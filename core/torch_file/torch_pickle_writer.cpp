// The torch-specific part of PickleWriter: the output of torch/_tensor.py's __reduce_ex__ for a tensor.
#include <bisque/core/error.h>
#include <bisque/core/torch_file/pickle_writer.h>

namespace bisque {

void PickleWriter::torch_global(std::string_view name) {
  line_.assign("ctorch\n").append(name).append("\n");
  global(line_);
}

void PickleWriter::dtype(TorchDtype dtype) { torch_global(dtype_name(dtype)); }

void PickleWriter::tuple_of(std::span<const int64_t> values) {
  if (values.empty()) {
    op(')');
    return;
  }
  const bool is_short = values.size() <= 3;
  if (!is_short) op('(');
  for (const int64_t value : values) integer(value);
  constexpr std::string_view kShort("\x85\x86\x87");
  op(is_short ? kShort[values.size() - 1] : 't');
}

void PickleWriter::size(std::span<const int64_t> sizes) {
  torch_global("Size");
  tuple_of(sizes);
  text_ += "\x85R";
}

void PickleWriter::device(const DeviceInfo& device) {
  torch_global("device");
  repeated(device.type);
  if (device.index) integer(*device.index);
  text_ += device.index ? "\x86R" : "\x85R";
}

void PickleWriter::layout(TorchLayout layout) {
  global("ctorch.serialization\n_get_layout\n");
  repeated("torch." + std::string(layout_name(layout)));
  text_ += "\x85R";
}

void PickleWriter::empty_ordered_dict() {
  global("ccollections\nOrderedDict\n");
  text_ += ")R";
}

void PickleWriter::storage(const StorageInfo& storage) {
  if (storage.offset != 0 || storage.numel != storage.root_numel) {
    fail("PickleWriter: storage ", storage.key, " is a view of another, which is no longer written.");
  }
  op('(');
  repeated("storage");
  if (storage.is_untyped) {
    global("ctorch.storage\nUntypedStorage\n");
  } else if (const std::string_view type = storage_type_name(storage.dtype); !type.empty()) {
    torch_global(type);
  } else {
    fail("PickleWriter: storage ", storage.key, " of ", dtype_name(storage.dtype),
         " has no type, expected untyped bytes.");
  }
  str(storage.key);
  repeated(storage.location);
  integer(storage.numel);
  text_ += "tQ";
}

void PickleWriter::channels(const std::optional<TensorInfo>& tensor, const std::vector<double>& list) {
  if (tensor) {
    this->tensor(*tensor);
    return;
  }
  begin_list();
  for (const double value : list) real(value);
  end_list();
}

void PickleWriter::quantizer(const QuantizerInfo& quantizer) {
  op('(');
  torch_global(qscheme_name(quantizer.scheme));
  if (quantizer.scheme == TorchQScheme::PerTensorAffine) {
    real(quantizer.scale);
    integer(quantizer.zero_point);
  } else {
    channels(quantizer.scales, quantizer.scale_list);
    channels(quantizer.zero_points, quantizer.zero_point_list);
    integer(quantizer.axis);
  }
  op('t');
}

void PickleWriter::tensor(const TensorInfo& tensor) {
  const bool has_type = !storage_type_name(tensor.dtype).empty();
  if (tensor.quantizer != nullptr) {
    global("ctorch._utils\n_rebuild_qtensor\n");
  } else if (has_type) {
    global("ctorch._utils\n_rebuild_tensor_v2\n");
  } else {
    global("ctorch._utils\n_rebuild_tensor_v3\n");
  }
  if (has_type ? tensor.storage.is_untyped || tensor.storage.dtype != tensor.dtype : !tensor.storage.is_untyped) {
    fail("PickleWriter: a tensor of ", dtype_name(tensor.dtype), " is in a storage of ",
         dtype_name(tensor.storage.dtype), ", expected ", has_type ? dtype_name(tensor.dtype) : "untyped bytes", ".");
  }
  op('(');
  storage(tensor.storage);
  integer(tensor.storage_offset);
  tuple_of(tensor.sizes);
  tuple_of(tensor.strides);
  if (tensor.quantizer != nullptr) quantizer(*tensor.quantizer);
  boolean(tensor.requires_grad);
  empty_ordered_dict();
  if (tensor.quantizer == nullptr && !has_type) dtype(tensor.dtype);
  if (tensor.is_conj || tensor.is_neg) {
    begin_dict();
    if (tensor.is_conj) repeated("conj");
    if (tensor.is_conj) boolean(true);
    if (tensor.is_neg) repeated("neg");
    if (tensor.is_neg) boolean(true);
    end_dict();
  }
  text_ += "tR";
}

void PickleWriter::sparse(const SparseTensorInfo& sparse) {
  global("ctorch._utils\n_rebuild_sparse_tensor\n");
  layout(sparse.layout);
  op('(');
  tensor(sparse.indices);
  if (sparse.layout != TorchLayout::SparseCoo) tensor(sparse.plain_indices);
  tensor(sparse.values);
  size(sparse.sizes);
  if (sparse.is_coalesced) boolean(*sparse.is_coalesced);
  op('t');
  text_ += "\x86R";
}

void PickleWriter::nested(const TensorInfo& buffer, const NestedTables& tables) {
  global("ctorch._utils\n_rebuild_nested_tensor\n");
  op('(');
  tensor(buffer);
  tensor(tables.sizes);
  tensor(tables.strides);
  tensor(tables.offsets);
  text_ += "tR";
}

void PickleWriter::meta(const MetaTensorInfo& meta, bool requires_grad) {
  global("ctorch._utils\n_rebuild_meta_tensor_no_storage\n");
  op('(');
  dtype(meta.dtype);
  tuple_of(meta.sizes);
  tuple_of(meta.strides);
  boolean(requires_grad);
  text_ += "tR";
}

void PickleWriter::tensor(const TensorObject& object) {
  if (object.attributes != kNoNode) fail("PickleWriter: a tensor has attributes, which are not written.");
  if (object.is_parameter) global("ctorch._utils\n_rebuild_parameter\n");
  if (object.nested) {
    nested(std::get<TensorInfo>(object.tensor), *object.nested);
  } else if (const auto* dense = std::get_if<TensorInfo>(&object.tensor)) {
    tensor(*dense);
  } else if (const auto* sparse_tensor = std::get_if<SparseTensorInfo>(&object.tensor)) {
    sparse(*sparse_tensor);
  } else {
    meta(std::get<MetaTensorInfo>(object.tensor), object.requires_grad);
  }
  if (!object.is_parameter) return;
  boolean(object.requires_grad);
  empty_ordered_dict();
  text_ += "\x87R";
}

}  // namespace bisque
