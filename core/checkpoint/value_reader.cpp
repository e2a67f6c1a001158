#include <bisque/core/checkpoint/value_reader.h>

#include <c10/core/MemoryFormat.h>
#include <c10/core/QScheme.h>
#include <c10/util/complex.h>

#include <bisque/core/error.h>

namespace bisque {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;  // needed by clang before 17

c10::Device read_device(const DeviceInfo& info, const std::string& where) {
  std::string text(info.type);
  if (info.index) text.append(":").append(std::to_string(*info.index));
  return device_of(text, where + ": a device");
}

}  // namespace

Value ValueReader::read(NodeId node, size_t depth) {
  if (depth > options_.max_depth) {
    fail(file_.where(), ": holds values in values deeper than ", options_.max_depth,
         ", or one that holds itself; raise ReadOptions::max_depth for the former.");
  }
  budget_.charge(sizeof(Value));
  const Pickle& pickle = file_.pickle();
  const PickleNode& n = pickle[node];
  switch (n.kind) {
    case PickleKind::None:
      return {};
    case PickleKind::Bool:
      return n.integer != 0;
    case PickleKind::Int:
      return n.integer;
    case PickleKind::Float:
      return n.real;
    case PickleKind::BigInt:
      budget_.charge(pickle.text(node).size());
      return Value::of(BigInt{std::string(pickle.text(node))});
    case PickleKind::Complex:
      return Value::of(c10::complex<double>(n.complex.real, n.complex.imag));
    case PickleKind::Str:
      budget_.charge(pickle.text(node).size());
      return std::string(pickle.text(node));
    case PickleKind::Bytes:
    case PickleKind::ByteArray:
      budget_.charge(pickle.text(node).size());
      return Bytes{std::string(pickle.text(node)), n.kind == PickleKind::ByteArray};
    case PickleKind::List:
      return read_list<List>(node, depth);
    case PickleKind::Tuple:
      return read_list<Tuple>(node, depth);
    case PickleKind::Set:
    case PickleKind::FrozenSet: {
      auto set = read_list<Set>(node, depth);
      set.is_frozen = n.kind == PickleKind::FrozenSet;
      return set;
    }
    case PickleKind::Dict:
      return read_dict(node, depth, false);
    default:
      return read_object(node, depth);
  }
}

template <class Container>
Container ValueReader::read_list(NodeId node, size_t depth) {
  Container list;
  const auto items = file_.pickle().items(node);
  list.reserve(items.size());
  for (const NodeId item : items) list.push_back(read(item, depth + 1));
  return list;
}

Value ValueReader::read_dict(NodeId dict, size_t depth, bool is_ordered) {
  const Pickle& pickle = file_.pickle();
  const auto items = dict == kNoNode ? std::span<const NodeId>() : pickle.items(dict);
  bool is_text = true;
  for (size_t i = 0; i < items.size(); i += 2) is_text = is_text && pickle.kind(items[i]) == PickleKind::Str;
  if (!is_text) {
    Items pairs;
    pairs.is_ordered = is_ordered;
    for (size_t i = 0; i < items.size(); i += 2) {
      Value key = read(items[i], depth + 1);
      pairs.emplace_back(std::move(key), read(items[i + 1], depth + 1));
    }
    return pairs;
  }
  constexpr size_t kEntryBytes = 128;  // of an entry besides its name and value
  OrderedDict named;
  for (size_t i = 0; i < items.size(); i += 2) {
    budget_.charge(kEntryBytes + pickle.text(items[i]).size());
    named.set(std::string(pickle.text(items[i])), read(items[i + 1], depth + 1));
  }
  if (is_ordered) return named;
  return static_cast<Dict&&>(std::move(named));
}

Value ValueReader::read_object(NodeId node, size_t depth) {
  const std::string& where = file_.where();
  return std::visit(Overloaded{
                        [&](const TensorObject& object) { return read_tensor(object); },
                        [&](const StorageInfo& info) { return Value::of(storages_[info.key]); },
                        [&](TorchDtype dtype) { return Value::of(scalar_type(dtype, where)); },
                        [&](TorchLayout layout) { return Value::of(layout_of(layout)); },
                        [&](TorchMemoryFormat format) { return Value::of(static_cast<at::MemoryFormat>(format)); },
                        [&](TorchQScheme scheme) { return Value::of(static_cast<at::QScheme>(scheme)); },
                        [&](const SizeInfo& info) {
                          budget_.charge(info.sizes.size() * sizeof(int64_t));
                          return Value::of(Size(info.sizes.begin(), info.sizes.end()));
                        },
                        [&](const DeviceInfo& info) { return Value::of(read_device(info, where)); },
                        [&](const MappingInfo& info) { return read_mapping(info, depth); },
                        [&](const ClassInfo& info) -> Value {
                          fail(where, ": holds the class ", std::string(info.full_name),
                               " as a value, which is not supported.");
                        },
                        [&](const OwnCallInfo& info) { return read_own(info, depth); },
                    },
                    file_.objects().describe(node));
}

Value ValueReader::read_tensor(const TensorObject& object) {
  if (object.attributes != kNoNode && !file_.pickle().items(object.attributes).empty()) {
    TORCH_WARN_ONCE(file_.where(), ": attributes that Python set on a tensor are dropped.");
  }
  at::Tensor tensor = tensors_.read(object);
  return object.is_parameter ? Value::parameter(std::move(tensor)) : Value(std::move(tensor));
}

Value ValueReader::read_mapping(const MappingInfo& info, size_t depth) {
  Value value = read_dict(info.items, depth, info.type == MappingInfo::Type::OrderedDict);
  auto* ordered = value.get_if<OrderedDict>();
  if (!ordered || info.metadata == kNoNode) return value;
  // {path: {"version": 1}}, in a separate OrderedDict.
  const Value metadata = read(info.metadata, depth + 1);
  if (const auto* paths = metadata.get_if<Dict>()) {
    for (const auto& [path, versions] : *paths) {
      if (const auto* dict = versions.get_if<Dict>()) ordered->metadata.set(path, *dict);
    }
  }
  return value;
}

Value ValueReader::read_own(const OwnCallInfo& info, size_t depth) {
  const std::string name(info.full_name);
  ConstructorCall call{name, read_list<Tuple>(info.args, depth), {}, {}, {}};
  if (info.extra.state != kNoNode) call.state = read(info.extra.state, depth + 1);
  if (info.extra.list_items != kNoNode) call.items = read_list<List>(info.extra.list_items, depth);
  if (info.extra.dict_items != kNoNode) {
    const auto items = file_.pickle().items(info.extra.dict_items);
    for (size_t i = 0; i < items.size(); i += 2) {
      Value key = read(items[i], depth + 1);
      call.pairs.emplace_back(std::move(key), read(items[i + 1], depth + 1));
    }
  }
  if (info.extra.keywords != kNoNode && !file_.pickle().items(info.extra.keywords).empty()) {
    fail(file_.where(), ": calls ", name, " with keyword arguments, which a constructor does not take.");
  }
  return options_.constructors.at(name)(call);
}

}  // namespace bisque
