// The meaning of the calls and names that torch.save writes into a pickle, checked and typed; no libtorch.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <bisque/core/torch_file/pickle.h>
#include <bisque/core/torch_file/torch_types.h>

namespace bisque {

/// A storage beside the pickle (record data/KEY of a zip file). numel x item size fits 63 bits.
struct StorageInfo {
  std::string_view key;
  std::string_view location;  // the device it was on: "cpu", "cuda:0"
  TorchDtype dtype = TorchDtype::UInt8;
  bool is_untyped = false;  // UntypedStorage: numel counts bytes
  int64_t root_numel = 0;   // elements under this key
  // The range of elements: all, except for storage views in files before torch 0.4.
  int64_t offset = 0;
  int64_t numel = 0;

  uint64_t root_bytes() const { return static_cast<uint64_t>(root_numel) * item_size(dtype); }
};

struct QuantizerInfo;

/// A strided tensor. All elements that sizes, strides and offset reach are in the storage.
struct TensorInfo {
  TorchDtype dtype = TorchDtype::Float32;
  StorageInfo storage;
  int64_t storage_offset = 0;  // in elements of dtype, from the start of the key's storage
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;
  bool requires_grad = false;
  bool is_conj = false;                            // the storage holds the conjugate
  bool is_neg = false;                             // the storage holds the negative
  std::shared_ptr<const QuantizerInfo> quantizer;  // of quantized dtypes

  int64_t numel() const;
};

struct QuantizerInfo {
  TorchQScheme scheme = TorchQScheme::PerTensorAffine;
  double scale = 1;  // per tensor
  int64_t zero_point = 0;
  int64_t axis = 0;                  // per channel: one scale and zero point for each index of this dimension
  std::optional<TensorInfo> scales;  // [sizes[axis]], or lists of this length
  std::optional<TensorInfo> zero_points;
  std::vector<double> scale_list;
  std::vector<double> zero_point_list;
};

/// A sparse tensor; the shapes of its parts match each other and the sizes. The values of its indices are in storages
/// and not checked here: the reader must check them.
struct SparseTensorInfo {
  TorchLayout layout = TorchLayout::SparseCoo;
  std::vector<int64_t> sizes;
  TensorInfo indices;        // SparseCoo: [sparse dims, nnz]; else crow_indices or ccol_indices
  TensorInfo plain_indices;  // unless SparseCoo: col_indices or row_indices
  TensorInfo values;
  std::optional<bool> is_coalesced;  // SparseCoo, if the file has it
};

/// The parts of a nested tensor besides its buffer: sizes, strides and offsets of its tensors, with matching shapes.
/// The numbers are in storages and not checked here: the reader must check them.
struct NestedTables {
  TensorInfo sizes;    // int64, [tensors, dimensions]
  TensorInfo strides;  // the same
  TensorInfo offsets;  // int64, [tensors]
};

/// A tensor without data, on the device "meta".
struct MetaTensorInfo {
  TorchDtype dtype = TorchDtype::Float32;
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;
};

/// A tensor or Parameter of Python.
struct TensorObject {
  std::variant<TensorInfo, SparseTensorInfo, MetaTensorInfo> tensor;
  std::optional<NestedTables> nested;  // if present, `tensor` is the one-dimensional buffer
  bool requires_grad = false;
  bool is_parameter = false;
  NodeId attributes = kNoNode;  // a Dict of attributes that Python set: names to values
};

struct SizeInfo {
  std::vector<int64_t> sizes;
};

struct DeviceInfo {
  std::string_view type;         // "cuda"
  std::optional<int64_t> index;  // 0 to 127
};

/// An OrderedDict, defaultdict or Counter; its items are pickle.extra(call).dict_items.
struct MappingInfo {
  enum class Type : uint8_t { OrderedDict, DefaultDict, Counter };
  Type type = Type::OrderedDict;
  NodeId items = kNoNode;     // a Dict, or kNoNode: empty
  NodeId factory = kNoNode;   // of a defaultdict: a Global, or kNoNode
  NodeId metadata = kNoNode;  // state_dict's attribute _metadata, or kNoNode
};

/// A class that is referenced, not called: a defaultdict's factory, or a name that the reader allowed.
struct ClassInfo {
  std::string_view full_name;
};

/// A call of a name that the reader allowed.
struct OwnCallInfo {
  std::string_view full_name;
  NodeId args = kNoNode;  // a Tuple
  Pickle::Extra extra;
};

using TorchObject = std::variant<TensorObject, StorageInfo, TorchDtype, TorchLayout, TorchMemoryFormat, TorchQScheme,
                                 SizeInfo, DeviceInfo, MappingInfo, ClassInfo, OwnCallInfo>;

/// Reads the nodes of a pickle that are not plain values. Errors contain the constructor and the argument.
class TorchPickle {
 public:
  /// `pickle` must outlive this; `where` is the prefix of messages.
  TorchPickle(const Pickle& pickle, std::string where);

  /// The object that a Global, Call or Persistent represents.
  TorchObject describe(NodeId node) const;
  /// The same, if only a tensor is valid.
  TensorObject tensor(NodeId node) const;
  /// For a Persistent.
  StorageInfo storage(NodeId node) const;
  /// Each storage that the pickle uses, once, in the order of first use (offset 0, whole). Error: two uses of a key
  /// that disagree. Call this before reading tensors.
  std::vector<StorageInfo> storages() const;

 private:
  friend class TorchArguments;
  TorchObject call(NodeId node) const;
  template <class... Parts>
  [[noreturn]] void reject(const Parts&... parts) const;
  std::string described(NodeId node) const;

  const Pickle& pickle_;
  std::string where_;
  std::vector<const struct TorchConstructor*> constructors_;  // by global; null if it is not a constructor
};

}  // namespace bisque
