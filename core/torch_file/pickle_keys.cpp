#include <bisque/core/torch_file/pickle_keys.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include <bisque/core/torch_file/pickle_text.h>
#include <bisque/core/torch_file/seeded_hash.h>

namespace bisque {
namespace {

// For few keys a linear search is faster.
constexpr uint32_t kScanned = 8;

bool is_structure(PickleKind kind) { return kind == PickleKind::Tuple || kind == PickleKind::FrozenSet; }

bool is_unhashable(const Pickle& pickle, NodeId node) {
  switch (pickle.kind(node)) {
    case PickleKind::List:
    case PickleKind::Dict:
    case PickleKind::Set:
    case PickleKind::ByteArray:
      return true;
    case PickleKind::Call:
      return pickle.callee(node).role == PickleGlobal::Role::Mapping;
    default:
      return false;
  }
}

}  // namespace

bool PickleKeys::Key::operator==(const Key& other) const {
  return kind == other.kind && low == other.low && high == other.high && text == other.text &&
         own_text == other.own_text;
}

uint64_t PickleKeys::Key::hash() const {
  uint64_t hash = mix_hash(low, static_cast<uint64_t>(kind));
  if (kind == Kind::Complex) hash = mix_hash(hash ^ high, low);
  if (!text.empty()) hash ^= hash_text(text);
  if (!own_text.empty()) hash ^= hash_text(own_text);
  return hash;
}

void PickleKeys::Table::add(const Slot& slot) {
  if (2 * (used + 1) > slots.size()) {
    std::vector<Slot> old = std::move(slots);
    slots = std::vector<Slot>(std::max<size_t>(64, 2 * old.size()));
    used = 0;
    for (const Slot& entry : old) {
      if (entry.place != kNoNode) add(entry);
    }
  }
  const size_t mask = slots.size() - 1;
  size_t at = slot.hash & mask;
  while (slots[at].place != kNoNode) at = (at + 1) & mask;
  slots[at] = slot;
  ++used;
}

template <class Equal>
const PickleKeys::Slot* PickleKeys::Table::find(uint64_t hash, const Equal& equal) const {
  if (slots.empty()) return nullptr;
  const size_t mask = slots.size() - 1;
  for (size_t at = hash & mask; slots[at].place != kNoNode; at = (at + 1) & mask) {
    if (slots[at].hash == hash && equal(slots[at])) return &slots[at];
  }
  return nullptr;
}

PickleKeys::Key PickleKeys::number(double value) {
  Key key;
  if (std::isfinite(value) && value == std::trunc(value)) {
    constexpr double kTwoTo63 = 9223372036854775808.0;
    if (value >= -kTwoTo63 && value < kTwoTo63) {
      key.kind = Key::Kind::Int;
      key.low = static_cast<uint64_t>(static_cast<int64_t>(value));
    } else {
      key.kind = Key::Kind::BigInt;
      key.own_text = integer_bytes(value);
    }
  } else {
    key.kind = Key::Kind::Real;
    key.low = std::bit_cast<uint64_t>(value);
  }
  return key;
}

PickleKeys::Key PickleKeys::key(NodeId node) const {
  const PickleNode& value = pickle_[node];
  Key key;
  switch (value.kind) {
    case PickleKind::None:
      return key;
    case PickleKind::Bool:
    case PickleKind::Int:
      key.kind = Key::Kind::Int;
      key.low = static_cast<uint64_t>(value.integer);
      return key;
    case PickleKind::BigInt:
      key.kind = Key::Kind::BigInt;
      key.own_text = pickle_.text(node);
      return key;
    case PickleKind::Float:
      if (!std::isnan(value.real)) return number(value.real);
      break;  // NaN equals only the object itself
    case PickleKind::Complex:
      if (std::isnan(value.complex.real) || std::isnan(value.complex.imag)) break;
      if (value.complex.imag == 0) return number(value.complex.real);
      key.kind = Key::Kind::Complex;
      key.low = std::bit_cast<uint64_t>(value.complex.real + 0.0);  // -0 + 0 is 0
      key.high = std::bit_cast<uint64_t>(value.complex.imag);
      return key;
    case PickleKind::Str:
    case PickleKind::Bytes:
      key.kind = value.kind == PickleKind::Str ? Key::Kind::Str : Key::Kind::Bytes;
      key.text = pickle_.text(node);
      return key;
    case PickleKind::Tuple:
    case PickleKind::FrozenSet:
      key.kind = Key::Kind::Structure;
      key.low = canonical(node);
      return key;
    default:
      break;
  }
  key.kind = Key::Kind::Identity;
  key.low = node;
  return key;
}

NodeId PickleKeys::canonical(NodeId node) const {
  const auto found = canonical_.find(node);
  return found == canonical_.end() ? node : found->second;
}

std::optional<uint32_t> PickleKeys::find(NodeId container, NodeId node, uint32_t stride) {
  const auto items = pickle_.items(container);
  const Key wanted = key(node);
  const auto num_keys = static_cast<uint32_t>(items.size() / stride);
  if (num_keys <= kScanned) {
    for (uint32_t place = 0; place < items.size(); place += stride) {
      if (items[place] == node || key(items[place]) == wanted) return place;
    }
    if (num_keys < kScanned) return std::nullopt;
    for (uint32_t place = 0; place < items.size(); place += stride) {
      add(container, key(items[place]), place);
    }
  } else {
    const Slot* found = entries_.find(mix_hash(wanted.hash(), container), [&](const Slot& slot) {
      return slot.container == container && key(items[slot.place]) == wanted;
    });
    if (found != nullptr) return found->place;
  }
  add(container, wanted, static_cast<uint32_t>(items.size()));
  return std::nullopt;
}

void PickleKeys::add(NodeId container, const Key& key, uint32_t place) {
  entries_.add({mix_hash(key.hash(), container), container, place});
}

NodeId PickleKeys::unhashable(NodeId node) {
  if (!is_structure(pickle_.kind(node))) return is_unhashable(pickle_, node) ? node : kNoNode;
  std::vector<NodeId> open{node};
  while (!open.empty()) {
    const NodeId last = open.back();
    const size_t depth = open.size();
    if (!canonical_.contains(last)) {
      const NodeId culprit = expand(last, open);
      if (culprit != kNoNode) return culprit;
      if (open.size() > depth) continue;
      intern_structure(last);
    }
    open.pop_back();
  }
  return kNoNode;
}

// Pushes the items that must be interned before `node` to `open`; returns an unhashable item, if any.
NodeId PickleKeys::expand(NodeId node, std::vector<NodeId>& open) {
  for (const NodeId item : pickle_.items(node)) {
    if (is_structure(pickle_.kind(item))) {
      if (!canonical_.contains(item)) open.push_back(item);
    } else if (is_unhashable(pickle_, item)) {
      return item;
    }
  }
  return kNoNode;
}

// The first interned node that is equal to `node`, whose items are interned.
NodeId PickleKeys::intern(NodeId node) {
  if (is_structure(pickle_.kind(node))) return canonical(node);
  const Key wanted = key(node);
  const uint64_t hash = wanted.hash();
  const auto equal = [&](const Slot& slot) {
    return !is_structure(pickle_.kind(slot.place)) && key(slot.place) == wanted;
  };
  if (const Slot* found = interned_.find(hash, equal)) return found->place;
  interned_.add({hash, 0, node});
  return node;
}

void PickleKeys::intern_structure(NodeId node) {
  const PickleKind kind = pickle_.kind(node);
  std::vector<NodeId> items;
  for (const NodeId item : pickle_.items(node)) items.push_back(intern(item));
  if (kind == PickleKind::FrozenSet) std::sort(items.begin(), items.end());
  uint64_t hash = mix_hash(items.size(), static_cast<uint64_t>(kind));
  for (const NodeId item : items) hash = mix_hash(hash ^ item, hash_seed());
  const auto equal = [&](const Slot& slot) {
    return pickle_.kind(slot.place) == kind && contents_.at(slot.place) == items;
  };
  if (const Slot* found = interned_.find(hash, equal)) {
    canonical_.emplace(node, found->place);
    return;
  }
  interned_.add({hash, 0, node});
  canonical_.emplace(node, node);
  contents_.emplace(node, std::move(items));
}

}  // namespace bisque
