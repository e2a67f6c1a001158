#include <bisque/core/torch_file/torch_types.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include <bisque/core/torch_file/torch_globals.h>

namespace bisque {
namespace {

struct DtypeRow {
  std::string_view name;
  size_t item_size;
  std::string_view storage;
};

// In the order of the enum.
constexpr std::array<DtypeRow, 47> kTorchDtypes{{
    {"uint8", 1, "ByteStorage"},
    {"int8", 1, "CharStorage"},
    {"int16", 2, "ShortStorage"},
    {"int32", 4, "IntStorage"},
    {"int64", 8, "LongStorage"},
    {"float16", 2, "HalfStorage"},
    {"float32", 4, "FloatStorage"},
    {"float64", 8, "DoubleStorage"},
    {"complex32", 4, ""},
    {"complex64", 8, "ComplexFloatStorage"},
    {"complex128", 16, "ComplexDoubleStorage"},
    {"bool", 1, "BoolStorage"},
    {"qint8", 1, "QInt8Storage"},
    {"quint8", 1, "QUInt8Storage"},
    {"qint32", 4, "QInt32Storage"},
    {"bfloat16", 2, "BFloat16Storage"},
    {"quint4x2", 1, "QUInt4x2Storage"},
    {"quint2x4", 1, "QUInt2x4Storage"},
    {"bits1x8", 1, ""},
    {"bits2x4", 1, ""},
    {"bits4x2", 1, ""},
    {"bits8", 1, ""},
    {"bits16", 2, ""},
    {"float8_e5m2", 1, ""},
    {"float8_e4m3fn", 1, ""},
    {"float8_e5m2fnuz", 1, ""},
    {"float8_e4m3fnuz", 1, ""},
    {"uint16", 2, ""},
    {"uint32", 4, ""},
    {"uint64", 8, ""},
    {"uint1", 1, ""},
    {"uint2", 1, ""},
    {"uint3", 1, ""},
    {"uint4", 1, ""},
    {"uint5", 1, ""},
    {"uint6", 1, ""},
    {"uint7", 1, ""},
    {"int1", 1, ""},
    {"int2", 1, ""},
    {"int3", 1, ""},
    {"int4", 1, ""},
    {"int5", 1, ""},
    {"int6", 1, ""},
    {"int7", 1, ""},
    {"float8_e8m0fnu", 1, ""},
    {"float4_e2m1fn_x2", 1, ""},
    {"bcomplex32", 4, ""},
}};

constexpr std::array<std::string_view, 6> kLayouts{"strided",    "sparse_coo", "sparse_csr",
                                                   "sparse_csc", "sparse_bsr", "sparse_bsc"};
constexpr std::array<std::string_view, 5> kQSchemes{"per_tensor_affine", "per_channel_affine", "per_tensor_symmetric",
                                                    "per_channel_symmetric", "per_channel_affine_float_qparams"};
constexpr std::array<std::string_view, 4> kMemoryFormats{"contiguous_format", "preserve_format", "channels_last",
                                                         "channels_last_3d"};

const DtypeRow& row(TorchDtype dtype) { return kTorchDtypes[static_cast<size_t>(dtype)]; }

template <class Enum, class Names>
std::optional<Enum> from_name(const Names& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

GlobalNames make_globals() {
  GlobalNames names{
      "collections.OrderedDict", "collections.defaultdict", "collections.Counter",
      // Python's globals; those that are not constructors of plain values may only be referenced, as a defaultdict's
      // factory
      "_codecs.encode", "builtins.set", "builtins.frozenset", "builtins.bytes", "builtins.bytearray",
      "builtins.complex", "builtins.bool", "builtins.dict", "builtins.float", "builtins.int", "builtins.list",
      "builtins.str", "builtins.tuple", "torch.Size", "torch.device", "torch.Tensor", "torch.nn.parameter.Parameter",
      "torch.serialization._get_layout", "torch._tensor._rebuild_from_type", "torch._tensor._rebuild_from_type_v2",
      "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor_v3",
      "torch._utils._rebuild_nested_tensor", "torch._utils._rebuild_qtensor", "torch._utils._rebuild_sparse_tensor",
      "torch._utils._rebuild_meta_tensor_no_storage", "torch._utils._rebuild_parameter",
      "torch._utils._rebuild_parameter_with_state", "torch.storage.UntypedStorage", "torch.UntypedStorage"};
  for (const DtypeRow& dtype : kTorchDtypes) {
    names.insert("torch." + std::string(dtype.name));
    if (dtype.storage.empty()) continue;
    names.insert("torch." + std::string(dtype.storage));
    names.insert("torch.cuda." + std::string(dtype.storage));
  }
  for (const std::string_view name : kQSchemes) names.insert("torch." + std::string(name));
  for (const std::string_view name : kMemoryFormats) names.insert("torch." + std::string(name));
  return names;
}

}  // namespace

std::string_view dtype_name(TorchDtype dtype) { return row(dtype).name; }
size_t item_size(TorchDtype dtype) { return row(dtype).item_size; }
std::string_view storage_type_name(TorchDtype dtype) { return row(dtype).storage; }

bool is_complex(TorchDtype dtype) {
  return dtype == TorchDtype::Complex32 || dtype == TorchDtype::Complex64 || dtype == TorchDtype::Complex128 ||
         dtype == TorchDtype::BComplex32;
}

bool is_quantized(TorchDtype dtype) {
  return dtype == TorchDtype::QInt8 || dtype == TorchDtype::QUInt8 || dtype == TorchDtype::QInt32 ||
         dtype == TorchDtype::QUInt4x2 || dtype == TorchDtype::QUInt2x4;
}

std::optional<TorchDtype> torch_dtype_from_name(std::string_view name) {
  const auto* found =
      std::find_if(kTorchDtypes.begin(), kTorchDtypes.end(), [&](const auto& dtype) { return dtype.name == name; });
  if (found == kTorchDtypes.end()) return std::nullopt;
  return static_cast<TorchDtype>(found - kTorchDtypes.begin());
}

std::optional<TorchDtype> dtype_of_storage_type(std::string_view name) {
  if (name.empty()) return std::nullopt;
  const auto* found =
      std::find_if(kTorchDtypes.begin(), kTorchDtypes.end(), [&](const auto& dtype) { return dtype.storage == name; });
  if (found == kTorchDtypes.end()) return std::nullopt;
  return static_cast<TorchDtype>(found - kTorchDtypes.begin());
}

std::string_view layout_name(TorchLayout layout) { return kLayouts[static_cast<size_t>(layout)]; }
std::optional<TorchLayout> layout_from_name(std::string_view name) { return from_name<TorchLayout>(kLayouts, name); }
std::string_view qscheme_name(TorchQScheme scheme) { return kQSchemes[static_cast<size_t>(scheme)]; }
std::optional<TorchQScheme> qscheme_from_name(std::string_view name) {
  return from_name<TorchQScheme>(kQSchemes, name);
}
std::string_view memory_format_name(TorchMemoryFormat format) { return kMemoryFormats[static_cast<size_t>(format)]; }
std::optional<TorchMemoryFormat> memory_format_from_name(std::string_view name) {
  return from_name<TorchMemoryFormat>(kMemoryFormats, name);
}

const GlobalNames& torch_globals() {
  static const GlobalNames kNames = make_globals();
  return kNames;
}

}  // namespace bisque
