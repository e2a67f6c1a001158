// torch's dtypes, layouts and similar, with their names in files.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bisque {

/// With the values of c10::ScalarType.
enum class TorchDtype : int8_t {
  UInt8,
  Int8,
  Int16,
  Int32,
  Int64,
  Float16,
  Float32,
  Float64,
  Complex32,
  Complex64,
  Complex128,
  Bool,
  QInt8,
  QUInt8,
  QInt32,
  BFloat16,
  QUInt4x2,
  QUInt2x4,
  Bits1x8,
  Bits2x4,
  Bits4x2,
  Bits8,
  Bits16,
  Float8E5M2,
  Float8E4M3FN,
  Float8E5M2FNUZ,
  Float8E4M3FNUZ,
  UInt16,
  UInt32,
  UInt64,
  UInt1,
  UInt2,
  UInt3,
  UInt4,
  UInt5,
  UInt6,
  UInt7,
  Int1,
  Int2,
  Int3,
  Int4,
  Int5,
  Int6,
  Int7,
  Float8E8M0FNU,
  Float4E2M1FNx2,
  BComplex32,
};

/// "float32".
std::string_view dtype_name(TorchDtype dtype);
std::optional<TorchDtype> torch_dtype_from_name(std::string_view name);
/// Bytes per element; for dtypes smaller than a byte, 1.
size_t item_size(TorchDtype dtype);
bool is_complex(TorchDtype dtype);
bool is_quantized(TorchDtype dtype);
/// "FloatStorage"; empty if torch has none and writes UntypedStorage.
std::string_view storage_type_name(TorchDtype dtype);
std::optional<TorchDtype> dtype_of_storage_type(std::string_view name);

enum class TorchLayout : uint8_t { Strided, SparseCoo, SparseCsr, SparseCsc, SparseBsr, SparseBsc };
/// "sparse_coo".
std::string_view layout_name(TorchLayout layout);
std::optional<TorchLayout> layout_from_name(std::string_view name);

/// With the values of at::QScheme.
enum class TorchQScheme : uint8_t {
  PerTensorAffine,
  PerChannelAffine,
  PerTensorSymmetric,
  PerChannelSymmetric,
  PerChannelAffineFloatQParams,
};
/// "per_tensor_affine".
std::string_view qscheme_name(TorchQScheme scheme);
std::optional<TorchQScheme> qscheme_from_name(std::string_view name);

/// With the values of c10::MemoryFormat.
enum class TorchMemoryFormat : uint8_t { Contiguous, Preserve, ChannelsLast, ChannelsLast3d };
/// "channels_last".
std::string_view memory_format_name(TorchMemoryFormat format);
std::optional<TorchMemoryFormat> memory_format_from_name(std::string_view name);

}  // namespace bisque
