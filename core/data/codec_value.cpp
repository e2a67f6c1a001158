// The encoding of a Value between processes.
#include <bisque/core/data/codec.h>

#include <bisque/core/value.h>

namespace bisque::data {
namespace {

enum class Held : uint8_t {
  kNone,
  kBool,
  kInt,
  kDouble,
  kText,
  kBytes,
  kTensor,
  kList,
  kTuple,
  kDict,
  kOrdered,
  kItems
};

/// Writes a T after its tag, if the value holds one.
template <class T>
bool put_if(const Value& value, Held mark, Encoder& to) {
  const T* held = value.get_if<T>();
  if (!held) return false;
  to.put(mark);
  if constexpr (std::is_base_of_v<Dict, T>) {
    encode(static_cast<const Dict&>(*held), to);
  } else if constexpr (std::is_base_of_v<List, T>) {
    encode(static_cast<const List&>(*held), to);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    to.put(held->is_mutable);
    to.put_text(held->data);
  } else if constexpr (std::is_same_v<T, Items>) {
    to.put(held->is_ordered);
    encode(static_cast<const std::vector<std::pair<Value, Value>>&>(*held), to);
  } else {
    encode(*held, to);
  }
  return true;
}

/// A T that was written as a `Part`.
template <class T, class Part = T>
T get_as(Decoder& from) {
  T value;
  decode(static_cast<Part&>(value), from);
  return value;
}

Value get_bytes(Decoder& from) {
  const bool is_mutable = from.get<bool>();
  return Bytes{from.get_text(), is_mutable};
}

Value get_items(Decoder& from) {
  const bool is_ordered = from.get<bool>();
  auto items = get_as<Items, std::vector<std::pair<Value, Value>>>(from);
  items.is_ordered = is_ordered;
  return items;
}

}  // namespace

void Encoder::put_value(const Value& value) {
  if (value.is_none()) return put(Held::kNone);
  const bool is_put = put_if<bool>(value, Held::kBool, *this) || put_if<int64_t>(value, Held::kInt, *this) ||
                      put_if<double>(value, Held::kDouble, *this) || put_if<std::string>(value, Held::kText, *this) ||
                      put_if<Bytes>(value, Held::kBytes, *this) || put_if<at::Tensor>(value, Held::kTensor, *this) ||
                      put_if<List>(value, Held::kList, *this) || put_if<Tuple>(value, Held::kTuple, *this) ||
                      put_if<OrderedDict>(value, Held::kOrdered, *this) || put_if<Dict>(value, Held::kDict, *this) ||
                      put_if<Items>(value, Held::kItems, *this);
  if (!is_put) fail("DataLoader: a worker process cannot send a value of type ", value.type_name(), ".");
}

Value Decoder::get_value() {
  switch (get<Held>()) {
    case Held::kNone:
      return {};
    case Held::kBool:
      return get<bool>();
    case Held::kInt:
      return get<int64_t>();
    case Held::kDouble:
      return get<double>();
    case Held::kText:
      return get_text();
    case Held::kBytes:
      return get_bytes(*this);
    case Held::kTensor:
      return get_tensor();
    case Held::kList:
      return get_as<List>(*this);
    case Held::kTuple:
      return get_as<Tuple, List>(*this);
    case Held::kDict:
      return get_as<Dict>(*this);
    case Held::kOrdered:
      return get_as<OrderedDict, Dict>(*this);
    case Held::kItems:
      return get_items(*this);
  }
  fail("DataLoader: a message of a worker holds a value of no known type.");
}

}  // namespace bisque::data
