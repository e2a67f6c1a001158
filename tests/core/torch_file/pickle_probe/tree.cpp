#include <algorithm>
#include <bit>
#include <vector>

#include <bisque/core/error.h>
#include <bisque/tests/core/torch_file/pickle_probe/probe.h>

namespace bisque::probe {
namespace {

class TreePrinter {
 public:
  TreePrinter(const Pickle& pickle, const TorchPickle& torch) : pickle_(pickle), torch_(torch) {}

  Json value(NodeId node) {
    if (std::find(open_.begin(), open_.end(), node) != open_.end()) return "...";
    open_.push_back(node);
    Json result = closed(node);
    open_.pop_back();
    return result;
  }

 private:
  Json closed(NodeId node) {
    const PickleNode& it = pickle_[node];
    switch (it.kind) {
      case PickleKind::None:
        return nullptr;
      case PickleKind::Bool:
        return it.integer != 0;
      case PickleKind::Int:
        return {{"int", std::to_string(it.integer)}};
      case PickleKind::BigInt:
        return {{"bigint", hex(pickle_.text(node))}};
      case PickleKind::Float:
        return {{"float", bits(it.real)}};
      case PickleKind::Complex:
        return {{"complex", {bits(it.complex.real), bits(it.complex.imag)}}};
      case PickleKind::Str:
        return {{"str", hex(pickle_.text(node))}};
      case PickleKind::Bytes:
        return {{"bytes", hex(pickle_.text(node))}};
      case PickleKind::ByteArray:
        return {{"bytearray", hex(pickle_.text(node))}};
      case PickleKind::List:
        return {{"list", items(node)}};
      case PickleKind::Tuple:
        return {{"tuple", items(node)}};
      case PickleKind::Set:
        return {{"set", items(node)}};
      case PickleKind::FrozenSet:
        return {{"frozenset", items(node)}};
      case PickleKind::Dict:
        return {{"dict", items(node)}};
      default:
        return std::visit([this](const auto& object) { return described(object); }, torch_.describe(node));
    }
  }

  static std::string bits(double value) {
    const uint64_t number = std::bit_cast<uint64_t>(value);
    return hex({reinterpret_cast<const char*>(&number), sizeof number});
  }

  Json items(NodeId node) {
    Json list = Json::array();
    for (const NodeId item : pickle_.items(node)) list.push_back(value(item));
    return list;
  }

  Json described(const StorageInfo& it) {
    return {
        {"storage", {it.key, it.location, dtype_name(it.dtype), it.is_untyped, it.root_numel, it.offset, it.numel}}};
  }
  Json described(TorchDtype it) { return {{"dtype", dtype_name(it)}}; }
  Json described(TorchLayout it) { return {{"layout", layout_name(it)}}; }
  Json described(TorchMemoryFormat it) { return {{"memory_format", memory_format_name(it)}}; }
  Json described(TorchQScheme it) { return {{"qscheme", qscheme_name(it)}}; }
  Json described(const SizeInfo& it) { return {{"size", it.sizes}}; }
  Json described(const DeviceInfo& it) {
    return {{"device", it.index ? std::string(it.type) + ":" + std::to_string(*it.index) : std::string(it.type)}};
  }
  Json described(const ClassInfo& it) { return {{"class", it.full_name}}; }
  Json described(const OwnCallInfo& it) { return {{"own", it.full_name}}; }
  Json described(const MappingInfo& it) {
    constexpr const char* kNames[] = {"ordered_dict", "defaultdict", "counter"};
    Json result{{kNames[static_cast<size_t>(it.type)], it.items == kNoNode ? Json::array() : items(it.items)}};
    if (it.metadata != kNoNode) result["metadata"] = value(it.metadata);
    if (it.factory != kNoNode) result["factory"] = pickle_.global(it.factory).full_name;
    return result;
  }

  Json described(const TensorInfo& it) {
    Json result{{"dtype", dtype_name(it.dtype)},    {"key", it.storage.key}, {"location", it.storage.location},
                {"offset", it.storage_offset},      {"sizes", it.sizes},     {"strides", it.strides},
                {"bytes", it.storage.root_bytes()}, {"conj", it.is_conj},    {"neg", it.is_neg}};
    if (it.quantizer == nullptr) return result;
    result["qscheme"] = qscheme_name(it.quantizer->scheme);
    if (it.quantizer->scheme == TorchQScheme::PerTensorAffine) {
      result["scale"] = bits(it.quantizer->scale);
      result["zero_point"] = it.quantizer->zero_point;
    } else {
      result["axis"] = it.quantizer->axis;
      result["scales"] = described(*it.quantizer->scales);
      result["zero_points"] = described(*it.quantizer->zero_points);
    }
    return result;
  }
  Json described(const SparseTensorInfo& it) {
    Json result{{"layout", layout_name(it.layout)}, {"sizes", it.sizes}, {"indices", described(it.indices)}};
    if (it.layout != TorchLayout::SparseCoo) result["plain_indices"] = described(it.plain_indices);
    result["values"] = described(it.values);
    if (it.is_coalesced) result["is_coalesced"] = *it.is_coalesced;
    return result;
  }
  Json described(const MetaTensorInfo& it) {
    return {{"dtype", dtype_name(it.dtype)}, {"sizes", it.sizes}, {"strides", it.strides}};
  }
  Json described(const TensorObject& it) {
    Json result{{"tensor", std::visit([this](const auto& tensor) { return described(tensor); }, it.tensor)},
                {"requires_grad", it.requires_grad},
                {"parameter", it.is_parameter}};
    if (it.attributes != kNoNode) result["attributes"] = value(it.attributes);
    return result;
  }

  const Pickle& pickle_;
  const TorchPickle& torch_;
  std::vector<NodeId> open_;
};

}  // namespace

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    text += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text;
}

Json tree(const Pickle& pickle, const TorchPickle& torch) {
  torch.storages();
  return TreePrinter(pickle, torch).value(pickle.root);
}

}  // namespace bisque::probe
