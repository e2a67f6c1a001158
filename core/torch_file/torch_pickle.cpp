#include <bisque/core/torch_file/torch_pickle.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include <bisque/core/serialization/text.h>
#include <bisque/core/torch_file/seeded_hash.h>
#include <bisque/core/torch_file/torch_arguments.h>

namespace bisque {
namespace {

TorchObject make_size(const TorchArguments& arguments) {
  arguments.check_count(1, 1);
  return SizeInfo{arguments.sizes(0, "sizes")};
}

bool is_device_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

// torch.device("cuda", 1), or ("cuda:1") of older files.
TorchObject make_device(const TorchArguments& arguments) {
  constexpr int64_t kMaxIndex = 127;
  arguments.check_count(1, 2);
  DeviceInfo device{arguments.text(0, "type"), std::nullopt};
  const std::string_view whole = device.type;
  if (const size_t colon = whole.find(':'); colon != std::string_view::npos && arguments.size() == 1) {
    device.type = whole.substr(0, colon);
    const std::string_view digits = whole.substr(colon + 1);
    int64_t index = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error != std::errc() || end != digits.data() + digits.size()) index = -1;
    device.index = index;
  } else if (arguments.size() == 2) {
    device.index = arguments.integer(1, "index", 0);
  }
  const bool is_name = !device.type.empty() && std::all_of(device.type.begin(), device.type.end(), is_device_letter);
  if (!is_name || (device.index && (*device.index < 0 || *device.index > kMaxIndex))) {
    arguments.reject("has the device ", quoted_text(whole), ", expected one like \"cpu\" or \"cuda:0\", up to 127");
  }
  return device;
}

TorchObject make_layout(const TorchArguments& arguments) {
  arguments.check_count(1, 1);
  const std::string_view name = arguments.text(0, "name");
  const auto layout = name.starts_with("torch.") ? layout_from_name(name.substr(6)) : std::nullopt;
  if (!layout) arguments.reject("has the layout ", quoted_text(name), ", expected one like \"torch.sparse_coo\"");
  return *layout;
}

constexpr TorchConstructor kConstructors[] = {
    {"torch.Size", make_size},
    {"torch.device", make_device},
    {"torch.serialization._get_layout", make_layout},
};

}  // namespace

const TorchConstructor* torch_constructor(std::string_view name) {
  for (const TorchConstructor& constructor : kConstructors) {
    if (constructor.name == name) return &constructor;
  }
  return tensor_constructor(name);
}

template <class... Parts>
void TorchPickle::reject(const Parts&... parts) const {
  fail(where_, ": ", parts..., ".");
}

TorchPickle::TorchPickle(const Pickle& pickle, std::string where) : pickle_(pickle), where_(std::move(where)) {
  for (const PickleGlobal& global : pickle.globals) {
    const bool is_torchs = global.role == PickleGlobal::Role::Fixed;
    constructors_.push_back(is_torchs ? torch_constructor(global.full_name) : nullptr);
  }
}

std::string TorchPickle::described(NodeId node) const {
  const PickleKind kind = pickle_.kind(node);
  if (kind == PickleKind::Global) return "the global " + pickle_.global(node).full_name;
  if (kind == PickleKind::Call) return "a call of " + pickle_.callee(node).full_name;
  return kind_name(kind);
}

TorchObject TorchPickle::describe(NodeId node) const {
  const PickleKind kind = pickle_.kind(node);
  if (kind == PickleKind::Call) return call(node);
  if (kind == PickleKind::Persistent) return storage(node);
  if (kind != PickleKind::Global) reject("has ", described(node), " where a class, a call or a storage is expected");
  const PickleGlobal& global = pickle_.global(node);
  if (global.module == "torch") {
    if (const auto dtype = torch_dtype_from_name(global.name)) return *dtype;
    if (const auto scheme = qscheme_from_name(global.name)) return *scheme;
    if (const auto format = memory_format_from_name(global.name)) return *format;
  }
  return ClassInfo{global.full_name};
}

TorchObject TorchPickle::call(NodeId node) const {
  const PickleNode::Invocation& made = pickle_[node].call;
  const PickleGlobal& global = pickle_.global(made.callee);
  const TorchConstructor* constructor = constructors_[static_cast<size_t>(pickle_[made.callee].integer)];
  if (constructor != nullptr) return constructor->make({*this, made.callee, made.args, 0});
  const Pickle::Extra extra = pickle_.extra(node);
  if (global.role == PickleGlobal::Role::Own) return OwnCallInfo{global.full_name, made.args, extra};
  if (global.role == PickleGlobal::Role::Fixed) reject("calls ", global.full_name, ", which may only be referenced");
  MappingInfo mapping;
  mapping.items = extra.dict_items;
  if (global.name == "Counter") mapping.type = MappingInfo::Type::Counter;
  if (global.name == "defaultdict") {
    mapping.type = MappingInfo::Type::DefaultDict;
    const auto args = pickle_.items(made.args);
    if (!args.empty() && pickle_.kind(args[0]) == PickleKind::Global) mapping.factory = args[0];
  }
  if (extra.state == kNoNode) return mapping;
  const auto attributes = pickle_.items(extra.state);
  for (size_t i = 0; i < attributes.size(); i += 2) {
    if (pickle_.kind(attributes[i]) != PickleKind::Str || pickle_.text(attributes[i]) != "_metadata") {
      reject("has an attribute on ", described(node), " that is not _metadata, the only one that is read");
    }
    mapping.metadata = attributes[i + 1];
  }
  return mapping;
}

TensorObject TorchPickle::tensor(NodeId node) const {
  if (pickle_.kind(node) == PickleKind::Call) {
    TorchObject object = call(node);
    if (auto* tensor = std::get_if<TensorObject>(&object)) return std::move(*tensor);
  }
  reject("has ", described(node), " where a tensor is expected");
}

// ("storage", type, key, location, numel); files before 1.6 append None or (key, offset, numel) of a view.
StorageInfo TorchPickle::storage(NodeId node) const {
  const NodeId id = pickle_.kind(node) == PickleKind::Persistent ? pickle_[node].id : kNoNode;
  if (id == kNoNode || pickle_.kind(id) != PickleKind::Tuple)
    reject("has a persistent id that is not a tuple, as storages have");
  const auto parts = pickle_.items(id);
  const auto text = [&](size_t i) {
    return i < parts.size() && pickle_.kind(parts[i]) == PickleKind::Str ? pickle_.text(parts[i]) : std::string_view();
  };
  if (text(0) != "storage") reject("has a persistent id that does not begin with \"storage\", as all do that are read");
  if (parts.size() != 5 && parts.size() != 6) reject("has a storage of ", parts.size(), " parts, expected 5 or 6");
  StorageInfo storage;
  storage.key = text(2);
  storage.location = text(3);
  if (storage.key.empty() || storage.location.empty())
    reject("has a storage whose key or location is not a str, or empty");
  const std::string name = "storage " + quoted_text(storage.key);
  if (pickle_.kind(parts[1]) != PickleKind::Global)
    reject(name, " has ", described(parts[1]), " as its type, expected a class");
  const std::string_view type = pickle_.global(parts[1]).name;
  storage.is_untyped = type == "UntypedStorage";
  const auto dtype = storage.is_untyped ? TorchDtype::UInt8 : dtype_of_storage_type(type);
  if (!dtype) reject(name, " has ", described(parts[1]), " as its type, expected one like torch.FloatStorage");
  storage.dtype = *dtype;
  const auto count = [&](NodeId number, const char* what) {
    const bool is_int = pickle_.kind(number) == PickleKind::Int;
    if (!is_int || pickle_[number].integer < 0) reject(name, " has as its ", what, " no non-negative int");
    if (pickle_[number].integer > INT64_MAX / static_cast<int64_t>(item_size(*dtype))) {
      reject(name, " has a ", what, " of ", pickle_[number].integer, " elements, expected less than 2^63 bytes");
    }
    return pickle_[number].integer;
  };
  storage.root_numel = storage.numel = count(parts[4], "size");
  if (parts.size() == 5 || pickle_.kind(parts[5]) == PickleKind::None) return storage;
  const bool is_view = pickle_.kind(parts[5]) == PickleKind::Tuple && pickle_.items(parts[5]).size() == 3;
  if (!is_view)
    reject(name, " has ", described(parts[5]), " as its view, expected None or a tuple of key, offset and size");
  storage.offset = count(pickle_.items(parts[5])[1], "view's offset");
  storage.numel = count(pickle_.items(parts[5])[2], "view's size");
  if (storage.offset > storage.root_numel || storage.numel > storage.root_numel - storage.offset) {
    reject(name, " has a view of ", storage.numel, " elements from ", storage.offset, ", but ", storage.root_numel,
           " in all");
  }
  return storage;
}

std::vector<StorageInfo> TorchPickle::storages() const {
  std::vector<StorageInfo> all;
  std::unordered_map<std::string_view, size_t, SeededHash> places;
  for (NodeId node = 0; node < pickle_.nodes.size(); ++node) {
    if (pickle_.kind(node) != PickleKind::Persistent) continue;
    StorageInfo storage = this->storage(node);
    storage.offset = 0;
    storage.numel = storage.root_numel;
    const auto [found, is_new] = places.try_emplace(storage.key, all.size());
    if (is_new) {
      all.push_back(storage);
      continue;
    }
    const StorageInfo& first = all[found->second];
    if (first.dtype != storage.dtype || first.is_untyped != storage.is_untyped ||
        first.root_numel != storage.root_numel || first.location != storage.location) {
      reject("storage ", quoted_text(storage.key), " is ", first.root_numel, " of ", dtype_name(first.dtype), " on ",
             printable(first.location), " in one place and ", storage.root_numel, " of ", dtype_name(storage.dtype),
             " on ", printable(storage.location), " in another");
    }
  }
  return all;
}

}  // namespace bisque
