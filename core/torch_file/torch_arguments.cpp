#include <bisque/core/torch_file/torch_arguments.h>

#include <cmath>
#include <utility>

namespace bisque {
namespace {

// Parameter of a tensor with attributes of a quantized tensor with its scales: torch's files do not nest deeper.
constexpr int kMaxDepth = 4;

}  // namespace

void TorchArguments::check_count(size_t least, size_t most) const {
  if (size() >= least && size() <= most) return;
  if (least == most) reject("has ", size(), " arguments, expected ", least);
  reject("has ", size(), " arguments, expected ", least, " to ", most);
}

void TorchArguments::reject_argument(size_t place, const char* name, const char* expected) const {
  reject("argument ", place + 1, " (", name, ") is ", owner_.described(node(place)), ", expected ", expected);
}

int64_t TorchArguments::integer(size_t place, const char* name, int64_t least) const {
  if (kind(place) != PickleKind::Int) reject_argument(place, name, "an int of 64 bits");
  const int64_t value = pickle_[node(place)].integer;
  if (value < least) reject("argument ", place + 1, " (", name, ") is ", value, ", expected at least ", least);
  return value;
}

bool TorchArguments::boolean(size_t place, const char* name) const {
  if (kind(place) != PickleKind::Bool) reject_argument(place, name, "a bool");
  return pickle_[node(place)].integer != 0;
}

double TorchArguments::finite(size_t place, const char* name) const {
  if (kind(place) == PickleKind::Int) return static_cast<double>(pickle_[node(place)].integer);
  if (kind(place) != PickleKind::Float) reject_argument(place, name, "a float");
  const double value = pickle_[node(place)].real;
  if (!std::isfinite(value)) reject("argument ", place + 1, " (", name, ") is ", value, ", expected a finite number");
  return value;
}

std::string_view TorchArguments::text(size_t place, const char* name) const {
  if (kind(place) != PickleKind::Str) reject_argument(place, name, "a str");
  return pickle_.text(node(place));
}

TorchDtype TorchArguments::dtype(size_t place, const char* name) const {
  if (kind(place) == PickleKind::Global && pickle_.global(node(place)).module == "torch") {
    if (const auto dtype = torch_dtype_from_name(pickle_.global(node(place)).name)) return *dtype;
  }
  reject_argument(place, name, "a dtype");
}

std::vector<int64_t> TorchArguments::sizes(size_t place, const char* name) const {
  NodeId list = node(place);
  if (pickle_.kind(list) == PickleKind::Call && pickle_.callee(list).full_name == "torch.Size" &&
      pickle_.args(list).size() == 1) {
    list = pickle_.args(list)[0];
  }
  if (pickle_.kind(list) != PickleKind::Tuple && pickle_.kind(list) != PickleKind::List) {
    reject_argument(place, name, "a tuple of ints");
  }
  const auto items = pickle_.items(list);
  std::vector<int64_t> sizes(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    if (pickle_.kind(items[i]) != PickleKind::Int) {
      reject("argument ", place + 1, " (", name, ") holds ", owner_.described(items[i]), ", expected ints of 64 bits");
    }
    sizes[i] = pickle_[items[i]].integer;
    if (sizes[i] < 0) reject("argument ", place + 1, " (", name, ") holds ", sizes[i], ", expected at least 0");
  }
  return sizes;
}

StorageInfo TorchArguments::storage(size_t place, const char* name) const {
  if (kind(place) != PickleKind::Persistent) reject_argument(place, name, "a storage");
  return owner_.storage(node(place));
}

TensorObject TorchArguments::call(NodeId callee, NodeId args) const {
  if (depth_ >= kMaxDepth) reject("is within more than ", kMaxDepth, " other tensors");
  const TorchConstructor* constructor = tensor_constructor(pickle_.global(callee).full_name);
  if (constructor == nullptr) reject("is given ", owner_.described(callee), ", expected a tensor's constructor");
  return std::get<TensorObject>(constructor->make(of(callee, args)));
}

TensorObject TorchArguments::tensor(size_t place, const char* name) const {
  if (kind(place) != PickleKind::Call || tensor_constructor(pickle_.callee(node(place)).full_name) == nullptr) {
    reject_argument(place, name, "a tensor");
  }
  const PickleNode::Invocation& part = pickle_[node(place)].call;
  return call(part.callee, part.args);
}

TensorInfo TorchArguments::dense_tensor(size_t place, const char* name) const {
  TensorObject object = tensor(place, name);
  if (!std::holds_alternative<TensorInfo>(object.tensor) || object.nested) {
    reject("argument ", place + 1, " (", name, ") is a tensor without a storage, expected a strided one");
  }
  return std::get<TensorInfo>(std::move(object.tensor));
}

TorchArguments TorchArguments::tuple(size_t place, const char* name) const {
  if (kind(place) != PickleKind::Tuple) reject_argument(place, name, "a tuple");
  return {owner_, callee_, node(place), depth_};
}

TorchLayout TorchArguments::layout(size_t place, const char* name) const {
  if (kind(place) == PickleKind::Call && pickle_.callee(node(place)).full_name == "torch.serialization._get_layout") {
    return std::get<TorchLayout>(owner_.describe(node(place)));
  }
  reject_argument(place, name, "a layout");
}

void TorchArguments::check_hooks(size_t place) const {
  if (is_none(place)) return;
  const bool is_mapping = kind(place) == PickleKind::Call && pickle_.callee(node(place)).name == "OrderedDict";
  if (!is_mapping) reject_argument(place, "backward_hooks", "an empty OrderedDict");
  const NodeId items = pickle_.extra(node(place)).dict_items;
  if (items != kNoNode && !pickle_.items(items).empty())
    reject("has backward hooks, which are not supported, expected none");
}

}  // namespace bisque
