// Internal. Finds keys in dicts and members in sets while a pickle is read.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <bisque/core/torch_file/pickle.h>

namespace bisque {

/// Keys are equal if Python considers them equal (1 == 1.0 == True), but Calls and Persistents only if they are the
/// same node. Time is constant per key, for any keys: hashes are seeded in each process.
class PickleKeys {
 public:
  explicit PickleKeys(const Pickle& pickle) : pickle_(pickle) {}

  /// The part of `key` that is not hashable: a list, dict, set or bytearray, itself or within its tuples. kNoNode:
  /// none.
  NodeId unhashable(NodeId key);

  /// The index among the items of `container` of a key equal to `key`, which is hashable. If there is none, the caller
  /// appends it. Each `stride`th item is a key.
  std::optional<uint32_t> find(NodeId container, NodeId key, uint32_t stride);

 private:
  // The identity of a key: equal keys have equal ones.
  struct Key {
    enum class Kind : uint8_t { None, Int, Real, BigInt, Complex, Str, Bytes, Structure, Identity };
    Kind kind = Kind::None;
    uint64_t low = 0;
    uint64_t high = 0;
    std::string_view text;
    std::string own_text;

    bool operator==(const Key& other) const;
    uint64_t hash() const;
  };

  // A hash table of numbers; the caller defines equality.
  struct Slot {
    uint64_t hash = 0;
    uint32_t container = kNoNode;
    uint32_t place = kNoNode;
  };
  struct Table {
    std::vector<Slot> slots;
    size_t used = 0;

    void add(const Slot& slot);
    template <class Equal>
    const Slot* find(uint64_t hash, const Equal& equal) const;
  };

  Key key(NodeId node) const;
  static Key number(double value);
  void add(NodeId container, const Key& key, uint32_t place);
  NodeId canonical(NodeId node) const;
  NodeId intern(NodeId node);
  void intern_structure(NodeId node);
  NodeId expand(NodeId node, std::vector<NodeId>& open);

  const Pickle& pickle_;
  Table entries_;                                             // container and index of a key
  Table interned_;                                            // keys in tuples, one per set of equal keys
  std::unordered_map<NodeId, NodeId> canonical_;              // for tuples and frozensets: the first equal one
  std::unordered_map<NodeId, std::vector<NodeId>> contents_;  // for those first ones: their canonical items
};

}  // namespace bisque
