// torch's constructors of tensors, with the arguments of torch/_utils.py and torch/_tensor.py.
#include <algorithm>
#include <limits>

#include <bisque/core/serialization/text.h>
#include <bisque/core/torch_file/torch_arguments.h>

namespace bisque {
namespace {

constexpr int64_t kMaxInt = std::numeric_limits<int64_t>::max();

// The product; nothing if it exceeds 63 bits.
std::optional<int64_t> checked_numel(const std::vector<int64_t>& sizes) {
  if (std::find(sizes.begin(), sizes.end(), 0) != sizes.end()) {
    // The others must not overflow either: libtorch multiplies them in any order.
    int64_t product = 1;
    for (const int64_t size : sizes) {
      if (size != 0 && __builtin_mul_overflow(product, size, &product)) return std::nullopt;
    }
    return 0;
  }
  int64_t product = 1;
  for (const int64_t size : sizes) {
    if (__builtin_mul_overflow(product, size, &product)) return std::nullopt;
  }
  return product;
}

// The last element that sizes and strides reach from offset; nothing if it exceeds 63 bits.
std::optional<int64_t> last_element(const TensorInfo& tensor) {
  int64_t last = tensor.storage_offset;
  for (size_t i = 0; i < tensor.sizes.size(); ++i) {
    int64_t reach = 0;
    if (__builtin_mul_overflow(std::max<int64_t>(tensor.sizes[i], 1) - 1, tensor.strides[i], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return std::nullopt;
    }
  }
  return last;
}

// Elements smaller than a byte: libtorch packs each row separately, so only a contiguous tensor is meaningful.
void check_packed(const TorchArguments& arguments, const TensorInfo& tensor) {
  const int64_t per_byte = tensor.dtype == TorchDtype::QUInt4x2 ? 2 : 4;
  int64_t stride = 1;
  bool is_contiguous = tensor.storage_offset == 0;
  for (size_t i = tensor.sizes.size(); i-- > 0;) {
    is_contiguous = is_contiguous && tensor.strides[i] == stride;
    stride *= std::max<int64_t>(tensor.sizes[i], 1);  // fits: the numel does
  }
  if (!is_contiguous) arguments.reject("has a view of ", dtype_name(tensor.dtype), ", expected a contiguous tensor");
  const int64_t row = tensor.sizes.empty() ? 1 : tensor.sizes.back();
  const int64_t rows = row == 0 ? 0 : tensor.numel() / row;
  const int64_t bytes = rows * ((row - 1) / per_byte + 1);
  if (rows > 0 && bytes > tensor.storage.numel) {
    arguments.reject("needs ", bytes, " bytes of storage ", quoted_text(tensor.storage.key), ", which has ",
                     tensor.storage.numel);
  }
}

// Checks sizes, strides and offset against each other and the storage.
void check_extent(const TorchArguments& arguments, const TensorInfo& tensor) {
  const size_t element = item_size(tensor.dtype);
  if (tensor.sizes.size() != tensor.strides.size()) {
    arguments.reject("has ", tensor.sizes.size(), " sizes and ", tensor.strides.size(), " strides, expected as many");
  }
  const auto numel = checked_numel(tensor.sizes);
  if (!numel || *numel > kMaxInt / static_cast<int64_t>(element)) {
    arguments.reject("has sizes whose product is more than 2^63 bytes");
  }
  const auto last = last_element(tensor);
  if (!last || *last > kMaxInt / static_cast<int64_t>(element) - 1) {
    arguments.reject("has strides that reach beyond 2^63 bytes");
  }
  if (tensor.dtype == TorchDtype::QUInt4x2 || tensor.dtype == TorchDtype::QUInt2x4) {
    check_packed(arguments, tensor);
    return;
  }
  // A tensor without elements may have any offset.
  const uint64_t bytes = static_cast<uint64_t>(tensor.storage.numel) * item_size(tensor.storage.dtype);
  if (*numel > 0 && (static_cast<uint64_t>(*last) + 1) * element > bytes) {
    arguments.reject("reaches element ", *last, " of storage ", quoted_text(tensor.storage.key), ", which has ",
                     bytes / element);
  }
}

// The first four arguments: storage, storage_offset, size, stride.
TensorInfo make_view(const TorchArguments& arguments) {
  TensorInfo tensor;
  tensor.storage = arguments.storage(0, "storage");
  tensor.dtype = tensor.storage.dtype;
  tensor.storage_offset = arguments.integer(1, "storage_offset", 0);
  tensor.sizes = arguments.sizes(2, "size");
  tensor.strides = arguments.sizes(3, "stride");
  return tensor;
}

// Completes make_view() when the dtype is known.
void finish_view(const TorchArguments& arguments, TensorInfo& tensor) {
  check_extent(arguments, tensor);
  if (tensor.storage.offset == 0) return;
  if (item_size(tensor.dtype) != item_size(tensor.storage.dtype)) {
    arguments.reject("is a ", dtype_name(tensor.dtype), " view of a view of ", dtype_name(tensor.storage.dtype));
  }
  if (__builtin_add_overflow(tensor.storage_offset, tensor.storage.offset, &tensor.storage_offset)) {
    arguments.reject("has strides that reach beyond 2^63 bytes");
  }
}

void check_plain(const TorchArguments& arguments, const TensorInfo& tensor) {
  if (!is_quantized(tensor.dtype)) return;
  arguments.reject("makes a tensor of ", dtype_name(tensor.dtype), ", which needs a quantizer");
}

void set_metadata(const TorchArguments& arguments, size_t place, TensorInfo& tensor) {
  if (arguments.size() <= place || arguments.is_none(place)) return;
  if (arguments.kind(place) != PickleKind::Dict) arguments.reject_argument(place, "metadata", "a dict");
  const Pickle& pickle = arguments.pickle();
  const auto items = pickle.items(arguments.node(place));
  for (size_t i = 0; i < items.size(); i += 2) {
    const std::string_view key = pickle.kind(items[i]) == PickleKind::Str ? pickle.text(items[i]) : std::string_view();
    if ((key != "conj" && key != "neg") || pickle.kind(items[i + 1]) != PickleKind::Bool) {
      arguments.reject("argument ", place + 1, " (metadata) holds more than the bools \"conj\" and \"neg\"");
    }
    (key == "conj" ? tensor.is_conj : tensor.is_neg) = pickle[items[i + 1]].integer != 0;
  }
  if (tensor.is_conj && !is_complex(tensor.dtype)) {
    arguments.reject("is the conjugate of ", dtype_name(tensor.dtype), ", expected a complex dtype");
  }
}

TensorObject strided(TensorInfo tensor) {
  const bool requires_grad = tensor.requires_grad;
  TensorObject object;
  object.tensor = std::move(tensor);
  object.requires_grad = requires_grad;
  return object;
}

// torch before 0.4
TorchObject rebuild_tensor(const TorchArguments& arguments) {
  arguments.check_count(4, 4);
  TensorInfo tensor = make_view(arguments);
  check_plain(arguments, tensor);
  finish_view(arguments, tensor);
  return strided(std::move(tensor));
}

TorchObject rebuild_tensor_v2(const TorchArguments& arguments) {
  arguments.check_count(6, 7);
  TensorInfo tensor = make_view(arguments);
  tensor.requires_grad = arguments.boolean(4, "requires_grad");
  arguments.check_hooks(5);
  check_plain(arguments, tensor);
  set_metadata(arguments, 6, tensor);
  finish_view(arguments, tensor);
  return strided(std::move(tensor));
}

// dtypes without a storage type
TorchObject rebuild_tensor_v3(const TorchArguments& arguments) {
  arguments.check_count(7, 8);
  TensorInfo tensor = make_view(arguments);
  tensor.requires_grad = arguments.boolean(4, "requires_grad");
  arguments.check_hooks(5);
  tensor.dtype = arguments.dtype(6, "dtype");
  check_plain(arguments, tensor);
  set_metadata(arguments, 7, tensor);
  finish_view(arguments, tensor);
  return strided(std::move(tensor));
}

// A tensor or list with one number per index along the axis.
void set_channels(const TorchArguments& params, size_t place, const char* name, int64_t expected,
                  std::optional<TensorInfo>& tensor, std::vector<double>& list) {
  int64_t count = 0;
  if (params.kind(place) == PickleKind::List) {
    const TorchArguments items = params.list(place);
    for (size_t i = 0; i < items.size(); ++i) list.push_back(items.finite(i, name));
    count = static_cast<int64_t>(items.size());
  } else {
    tensor = params.dense_tensor(place, name);
    if (is_quantized(tensor->dtype) || is_complex(tensor->dtype) || tensor->sizes.size() != 1) {
      params.reject("has ", name, " that are not a vector of numbers");
    }
    count = tensor->sizes[0];
  }
  if (count != expected) params.reject("has ", count, " ", name, ", expected ", expected, ", one per channel");
}

QuantizerInfo make_quantizer(const TorchArguments& params, const TensorInfo& tensor) {
  const Pickle& pickle = params.pickle();
  QuantizerInfo quantizer;
  const bool is_named = params.size() > 0 && params.kind(0) == PickleKind::Global;
  const auto scheme = is_named && pickle.global(params.node(0)).module == "torch"
                          ? qscheme_from_name(pickle.global(params.node(0)).name)
                          : std::nullopt;
  if (!scheme) params.reject("has no quantization scheme first in its quantizer_params");
  quantizer.scheme = *scheme;
  if (*scheme == TorchQScheme::PerTensorAffine) {
    if (params.size() != 3) params.reject("has ", params.size(), " quantizer_params, expected 3 per tensor");
    quantizer.scale = params.finite(1, "scale");
    quantizer.zero_point = params.integer(2, "zero_point");
    return quantizer;
  }
  if (*scheme != TorchQScheme::PerChannelAffine && *scheme != TorchQScheme::PerChannelAffineFloatQParams) {
    params.reject("has the quantization scheme ", qscheme_name(*scheme), ", which torch does not save");
  }
  if (params.size() != 4) params.reject("has ", params.size(), " quantizer_params, expected 4 per channel");
  quantizer.axis = params.integer(3, "axis", 0);
  const size_t dims = tensor.sizes.size();
  if (static_cast<uint64_t>(quantizer.axis) >= dims) {
    params.reject("has channels along dimension ", quantizer.axis, " of ", dims);
  }
  const int64_t channels = tensor.sizes[static_cast<size_t>(quantizer.axis)];
  set_channels(params, 1, "scales", channels, quantizer.scales, quantizer.scale_list);
  set_channels(params, 2, "zero_points", channels, quantizer.zero_points, quantizer.zero_point_list);
  return quantizer;
}

TorchObject rebuild_qtensor(const TorchArguments& arguments) {
  arguments.check_count(7, 7);
  TensorInfo tensor = make_view(arguments);
  if (!is_quantized(tensor.dtype)) {
    arguments.reject("makes a tensor of ", dtype_name(tensor.dtype), ", expected a quantized dtype");
  }
  tensor.quantizer =
      std::make_shared<const QuantizerInfo>(make_quantizer(arguments.tuple(4, "quantizer_params"), tensor));
  tensor.requires_grad = arguments.boolean(5, "requires_grad");
  arguments.check_hooks(6);
  finish_view(arguments, tensor);
  return strided(std::move(tensor));
}

void check_indices(const TorchArguments& parts, const TensorInfo& indices, size_t dims, const char* name) {
  const bool is_index = indices.dtype == TorchDtype::Int64 || indices.dtype == TorchDtype::Int32;
  if (!is_index || indices.sizes.size() != dims) {
    parts.reject("has ", name, " of ", dtype_name(indices.dtype), " with ", indices.sizes.size(),
                 " dimensions, expected int64 or int32 with ", dims);
  }
}

void check_coo(const TorchArguments& parts, const SparseTensorInfo& sparse) {
  check_indices(parts, sparse.indices, 2, "indices");
  const std::vector<int64_t>& values = sparse.values.sizes;
  const auto sparse_dims = static_cast<uint64_t>(sparse.indices.sizes[0]);
  if (values.empty() || values[0] != sparse.indices.sizes[1]) {
    parts.reject("has ", values.empty() ? 1 : values[0], " values, expected ", sparse.indices.sizes[1],
                 ", one per index");
  }
  const bool fits =
      sparse_dims <= sparse.sizes.size() && sparse.sizes.size() - sparse_dims == values.size() - 1 &&
      std::equal(values.begin() + 1, values.end(), sparse.sizes.begin() + static_cast<ptrdiff_t>(sparse_dims));
  if (!fits) parts.reject("has sizes that do not fit its indices and values");
}

// Compressed rows or columns: [batch..., n + 1], [batch..., nnz] and [batch..., nnz, (block rows, block columns),
// dense...].
void check_compressed(const TorchArguments& parts, const SparseTensorInfo& sparse) {
  const bool is_block = sparse.layout == TorchLayout::SparseBsr || sparse.layout == TorchLayout::SparseBsc;
  const bool is_row = sparse.layout == TorchLayout::SparseCsr || sparse.layout == TorchLayout::SparseBsr;
  const std::vector<int64_t>& compressed = sparse.indices.sizes;
  const std::vector<int64_t>& values = sparse.values.sizes;
  const std::vector<int64_t>& sizes = sparse.sizes;
  check_indices(parts, sparse.indices, std::max<size_t>(compressed.size(), 1), "compressed indices");
  check_indices(parts, sparse.plain_indices, compressed.size(), "plain indices");
  if (sparse.indices.dtype != sparse.plain_indices.dtype) parts.reject("has indices of two dtypes");
  const size_t batch = compressed.size() - 1;
  const size_t block_dims = is_block ? 2 : 0;
  const bool dims_fit = values.size() >= batch + 1 + block_dims && sizes.size() == values.size() + 1 - block_dims;
  if (!dims_fit)
    parts.reject("has ", sizes.size(), " sizes, which do not fit its values of ", values.size(), " dimensions");
  const auto same_batch = [&](const std::vector<int64_t>& other) {
    return std::equal(sizes.begin(), sizes.begin() + static_cast<ptrdiff_t>(batch), other.begin());
  };
  const int64_t size = sizes[is_row ? batch : batch + 1];
  const int64_t block = is_block ? values[batch + (is_row ? 1 : 2)] : 1;
  const int64_t other_size = sizes[is_row ? batch + 1 : batch];
  const int64_t other_block = is_block ? values[batch + (is_row ? 2 : 1)] : 1;
  const bool blocks_fit = block > 0 && other_block > 0 && size % block == 0 && other_size % other_block == 0;
  const bool counts_fit =
      blocks_fit && compressed.back() == size / block + 1 && sparse.plain_indices.sizes.back() == values[batch];
  const bool dense_fits = std::equal(sizes.begin() + static_cast<ptrdiff_t>(batch) + 2, sizes.end(),
                                     values.begin() + static_cast<ptrdiff_t>(batch + 1 + block_dims));
  if (!same_batch(compressed) || !same_batch(sparse.plain_indices.sizes) || !same_batch(values) || !counts_fit ||
      !dense_fits) {
    parts.reject("has sizes that do not fit its indices and values");
  }
}

// (layout, (indices, values, size[, is_coalesced])) or (layout, (compressed_indices, plain_indices, values, size))
TorchObject rebuild_sparse_tensor(const TorchArguments& arguments) {
  arguments.check_count(2, 2);
  SparseTensorInfo sparse;
  sparse.layout = arguments.layout(0, "layout");
  const TorchArguments parts = arguments.tuple(1, "data");
  const bool is_coo = sparse.layout == TorchLayout::SparseCoo;
  if (sparse.layout == TorchLayout::Strided)
    arguments.reject("makes a tensor of layout strided, expected a sparse one");
  parts.check_count(is_coo ? 3 : 4, 4);
  sparse.indices = parts.dense_tensor(0, "indices");
  if (!is_coo) sparse.plain_indices = parts.dense_tensor(1, "plain indices");
  sparse.values = parts.dense_tensor(is_coo ? 1 : 2, "values");
  sparse.sizes = parts.sizes(is_coo ? 2 : 3, "size");
  if (is_coo && parts.size() == 4 && !parts.is_none(3)) sparse.is_coalesced = parts.boolean(3, "is_coalesced");
  if (!checked_numel(sparse.sizes)) parts.reject("has sizes whose product is more than 2^63");
  if (is_coo) {
    check_coo(parts, sparse);
  } else {
    check_compressed(parts, sparse);
  }
  TensorObject object;
  object.tensor = std::move(sparse);
  return object;
}

// (buffer, sizes, strides, storage_offsets)
TorchObject rebuild_nested_tensor(const TorchArguments& arguments) {
  arguments.check_count(4, 4);
  TensorObject object;
  TensorInfo buffer = arguments.dense_tensor(0, "buffer");
  NestedTables nested;
  nested.sizes = arguments.dense_tensor(1, "sizes");
  nested.strides = arguments.dense_tensor(2, "strides");
  nested.offsets = arguments.dense_tensor(3, "storage_offsets");
  if (buffer.sizes.size() != 1 || is_quantized(buffer.dtype)) {
    arguments.reject("has a buffer of ", dtype_name(buffer.dtype), " with ", buffer.sizes.size(),
                     " dimensions, expected a plain one with 1");
  }
  const auto is_table = [](const TensorInfo& table, size_t dims) {
    return table.dtype == TorchDtype::Int64 && table.sizes.size() == dims;
  };
  if (!is_table(nested.sizes, 2) || !is_table(nested.strides, 2) || !is_table(nested.offsets, 1) ||
      nested.sizes.sizes != nested.strides.sizes || nested.sizes.sizes[0] != nested.offsets.sizes[0]) {
    arguments.reject("has sizes, strides and offsets that do not fit each other, expected int64 for each tensor");
  }
  object.tensor = std::move(buffer);
  object.nested = std::move(nested);
  return object;
}

TorchObject rebuild_meta_tensor(const TorchArguments& arguments) {
  arguments.check_count(4, 4);
  TensorInfo view;  // empty, for the checks
  view.dtype = arguments.dtype(0, "dtype");
  view.sizes = arguments.sizes(1, "size");
  view.strides = arguments.sizes(2, "stride");
  view.storage.numel = kMaxInt;
  check_plain(arguments, view);
  check_extent(arguments, view);
  TensorObject object;
  object.tensor = MetaTensorInfo{view.dtype, std::move(view.sizes), std::move(view.strides)};
  object.requires_grad = arguments.boolean(3, "requires_grad");
  return object;
}

// The attributes that Python set on a tensor: a dict, None, or both in a tuple with None or {} for slots.
NodeId attributes_of(const TorchArguments& arguments, size_t place) {
  const Pickle& pickle = arguments.pickle();
  NodeId state = arguments.node(place);
  if (pickle.kind(state) == PickleKind::Tuple && pickle.items(state).size() == 2) {
    const NodeId slots = pickle.items(state)[1];
    const bool is_empty = pickle.kind(slots) == PickleKind::None ||
                          (pickle.kind(slots) == PickleKind::Dict && pickle.items(slots).empty());
    if (!is_empty) arguments.reject("argument ", place + 1, " (state) has slots, which are not supported");
    state = pickle.items(state)[0];
  }
  if (pickle.kind(state) == PickleKind::None) return kNoNode;
  if (pickle.kind(state) != PickleKind::Dict) arguments.reject_argument(place, "state", "a dict of attributes");
  const auto items = pickle.items(state);
  for (size_t i = 0; i < items.size(); i += 2) {
    if (pickle.kind(items[i]) != PickleKind::Str)
      arguments.reject("argument ", place + 1, " (state) has a key that is not a str");
  }
  return items.empty() ? kNoNode : state;
}

TensorObject make_parameter(const TorchArguments& arguments) {
  TensorObject object = arguments.tensor(0, "data");
  if (object.is_parameter) arguments.reject("makes a Parameter of a Parameter");
  object.is_parameter = true;
  object.requires_grad = arguments.boolean(1, "requires_grad");
  return object;
}

TorchObject rebuild_parameter(const TorchArguments& arguments) {
  arguments.check_count(3, 3);
  arguments.check_hooks(2);
  return make_parameter(arguments);
}

TorchObject rebuild_parameter_with_state(const TorchArguments& arguments) {
  arguments.check_count(4, 4);
  arguments.check_hooks(2);
  TensorObject object = make_parameter(arguments);
  object.attributes = attributes_of(arguments, 3);
  return object;
}

// A new Parameter from (data, requires_grad).
TorchObject new_parameter(const TorchArguments& arguments) {
  arguments.check_count(2, 2);
  return make_parameter(arguments);
}

// (constructor, class, its arguments, state)
TorchObject rebuild_from_type(const TorchArguments& arguments) {
  arguments.check_count(4, 4);
  const Pickle& pickle = arguments.pickle();
  if (arguments.kind(0) != PickleKind::Global) arguments.reject_argument(0, "func", "a constructor of a tensor");
  if (arguments.kind(1) != PickleKind::Global) arguments.reject_argument(1, "type", "a class of tensors");
  const std::string& type = pickle.global(arguments.node(1)).full_name;
  const bool wants_parameter = type == "torch.nn.parameter.Parameter";
  if (!wants_parameter && type != "torch.Tensor") {
    arguments.reject_argument(1, "type", "torch.Tensor or torch.nn.parameter.Parameter");
  }
  if (arguments.kind(2) != PickleKind::Tuple) arguments.reject_argument(2, "args", "a tuple");
  TensorObject object = arguments.call(arguments.node(0), arguments.node(2));
  object.is_parameter = object.is_parameter || wants_parameter;
  if (const NodeId attributes = attributes_of(arguments, 3); attributes != kNoNode) object.attributes = attributes;
  return object;
}

constexpr TorchConstructor kTensorConstructors[] = {
    {"torch._utils._rebuild_tensor_v2", rebuild_tensor_v2},
    {"torch._utils._rebuild_parameter", rebuild_parameter},
    {"torch._utils._rebuild_tensor_v3", rebuild_tensor_v3},
    {"torch._utils._rebuild_tensor", rebuild_tensor},
    {"torch._utils._rebuild_qtensor", rebuild_qtensor},
    {"torch._utils._rebuild_sparse_tensor", rebuild_sparse_tensor},
    {"torch._utils._rebuild_nested_tensor", rebuild_nested_tensor},
    {"torch._utils._rebuild_meta_tensor_no_storage", rebuild_meta_tensor},
    {"torch._utils._rebuild_parameter_with_state", rebuild_parameter_with_state},
    {"torch._tensor._rebuild_from_type", rebuild_from_type},
    {"torch._tensor._rebuild_from_type_v2", rebuild_from_type},
    {"torch.nn.parameter.Parameter", new_parameter},
};

}  // namespace

const TorchConstructor* tensor_constructor(std::string_view name) {
  for (const TorchConstructor& constructor : kTensorConstructors) {
    if (constructor.name == name) return &constructor;
  }
  return nullptr;
}

int64_t TensorInfo::numel() const {
  int64_t product = 1;
  for (const int64_t size : sizes) product *= size;
  return product;
}

}  // namespace bisque
