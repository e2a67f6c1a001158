// What the calls and names that torch.save writes into a pickle mean, checked and typed; no libtorch.
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

/// A storage that the file holds beside the pickle (record data/KEY of a zip file). numel x item size fits 63 bits.
struct StorageInfo {
  std::string_view key;
  std::string_view location;  // the device it was on: "cpu", "cuda:0"
  TorchDtype dtype = TorchDtype::UInt8;
  bool is_untyped = false;  // UntypedStorage: numel counts bytes
  int64_t root_numel = 0;   // elements under this key
  // The elements that are meant: all, but for the storage views of files before torch 0.4.
  int64_t offset = 0;
  int64_t numel = 0;

  uint64_t root_bytes() const { return static_cast<uint64_t>(root_numel) * item_size(dtype); }
};

struct QuantizerInfo;

/// A strided tensor. All elements that sizes, strides and offset reach lie in the storage.
struct TensorInfo {
  TorchDtype dtype = TorchDtype::Float32;
  StorageInfo storage;
  int64_t storage_offset = 0;  // in elements of dtype, from the begin of the storage under the key
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

/// A sparse tensor; shapes of its parts agree with each other and with sizes. The values of its indices are in storages
/// and not checked here: whoever reads these must.
struct SparseTensorInfo {
  TorchLayout layout = TorchLayout::SparseCoo;
  std::vector<int64_t> sizes;
  TensorInfo indices;        // SparseCoo: [sparse dims, nnz]; else crow_indices or ccol_indices
  TensorInfo plain_indices;  // not of SparseCoo: col_indices or row_indices
  TensorInfo values;
  std::optional<bool> is_coalesced;  // SparseCoo, where the file tells
};

/// What a nested tensor has beside its buffer: sizes, strides and offsets of its tensors, whose shapes agree. The
/// numbers are in storages and not checked here: whoever reads these must.
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

/// A tensor or Parameter as Python has it.
struct TensorObject {
  std::variant<TensorInfo, SparseTensorInfo, MetaTensorInfo> tensor;
  std::optional<NestedTables> nested;  // where there is one, `tensor` is the buffer, of one dimension
  bool requires_grad = false;
  bool is_parameter = false;
  NodeId attributes = kNoNode;  // a Dict of what Python set on it: names to values
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

/// A class that is named, not called: a defaultdict's factory, or a name that who reads allowed.
struct ClassInfo {
  std::string_view full_name;
};

/// A call of a name that who reads allowed.
struct OwnCallInfo {
  std::string_view full_name;
  NodeId args = kNoNode;  // a Tuple
  Pickle::Extra extra;
};

using TorchObject = std::variant<TensorObject, StorageInfo, TorchDtype, TorchLayout, TorchMemoryFormat, TorchQScheme,
                                 SizeInfo, DeviceInfo, MappingInfo, ClassInfo, OwnCallInfo>;

/// Reads the nodes of a pickle that are no plain values. Errors name the constructor and the argument.
class TorchPickle {
 public:
  /// `pickle` must outlive this; `where` begins the messages.
  TorchPickle(const Pickle& pickle, std::string where);

  /// What a Global, Call or Persistent stands for.
  TorchObject describe(NodeId node) const;
  /// The same where only a tensor will do.
  TensorObject tensor(NodeId node) const;
  /// Of a Persistent.
  StorageInfo storage(NodeId node) const;
  /// Each storage that the pickle names, once, by the order of first mention (offset 0, whole). Error: two mentions of
  /// a key that disagree. Whoever reads tensors calls this first.
  std::vector<StorageInfo> storages() const;

 private:
  friend class TorchArguments;
  TorchObject call(NodeId node) const;
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const;
  std::string described(NodeId node) const;

  const Pickle& pickle_;
  std::string where_;
  std::vector<const struct TorchConstructor*> constructors_;  // by global; null where it is none
};

}  // namespace bisque
