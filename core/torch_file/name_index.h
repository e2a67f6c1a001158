// A hash table from names of records to their numbers, which stores only numbers.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <bisque/core/torch_file/zip_format.h>

namespace bisque::zip {

/// One table and no other allocation, for any number of names. `name_of(number)` returns a name in the table.
class NameIndex {
 public:
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  /// The number of `name`, or kNone.
  template <class NameOf>
  uint32_t find(std::string_view name, const NameOf& name_of) const {
    if (slots_.empty()) return kNone;
    const Slot& slot = slots_[place(name, zip::name_hash(name), name_of)];
    return slot.number;
  }

  /// Adds the name with the number size(). Returns false, and adds nothing, if the table has the name.
  template <class NameOf>
  bool add(std::string_view name, const NameOf& name_of) {
    if (2 * (size_ + 1) > slots_.size()) resize(std::max<size_t>(64, 2 * slots_.size()));
    const uint64_t hash = zip::name_hash(name);
    Slot& slot = slots_[place(name, hash, name_of)];
    if (slot.number != kNone) return false;
    slot = {static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(size_++)};
    return true;
  }

  void reserve(size_t count) {
    size_t slots = 64;
    while (slots < 2 * count) slots *= 2;
    if (slots > slots_.size()) resize(slots);
  }

  size_t size() const { return size_; }

 private:
  struct Slot {
    uint32_t tag = 0;  // half of the hash: names are compared if it is equal
    uint32_t number = kNone;
  };

  // The slot of the name, or the free one for it. The table is never full.
  template <class NameOf>
  size_t place(std::string_view name, uint64_t hash, const NameOf& name_of) const {
    const auto tag = static_cast<uint32_t>(hash >> 32);
    size_t i = start(tag);
    while (slots_[i].number != kNone && (slots_[i].tag != tag || name_of(slots_[i].number) != name)) {
      i = (i + 1) & (slots_.size() - 1);
    }
    return i;
  }

  size_t start(uint32_t tag) const { return tag & (slots_.size() - 1); }

  void resize(size_t count) {
    std::vector<Slot> old(count);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.number == kNone) continue;
      size_t i = start(slot.tag);
      while (slots_[i].number != kNone) i = (i + 1) & (count - 1);
      slots_[i] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half of them used
  size_t size_ = 0;
};

}  // namespace bisque::zip
