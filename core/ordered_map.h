// OrderedMap: names to values in the order of insertion, like Python's dict.
#pragma once
#include <initializer_list>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <bisque/core/error.h>

namespace bisque {

/// Lookup by name takes constant time. Entries keep their address until they are erased, and their position when a new
/// value is set.
template <class T>
class OrderedMap {
  using Entries = std::list<std::pair<const std::string, T>>;

 public:
  using value_type = std::pair<const std::string, T>;
  using iterator = typename Entries::iterator;
  using const_iterator = typename Entries::const_iterator;

  OrderedMap() = default;
  OrderedMap(std::initializer_list<value_type> entries) {
    for (const auto& [name, value] : entries) set(name, value);
  }
  OrderedMap(const OrderedMap& other) {
    for (const auto& [name, value] : other) try_emplace(name, value);
  }
  OrderedMap(OrderedMap&& other) noexcept { swap(other); }
  OrderedMap& operator=(OrderedMap other) noexcept {
    swap(other);
    return *this;
  }
  ~OrderedMap() = default;

  iterator begin() { return entries_.begin(); }
  iterator end() { return entries_.end(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  /// The value of a name, or null if there is none.
  T* find(std::string_view name) {
    const iterator found = locate(name);
    return found == end() ? nullptr : &found->second;
  }
  const T* find(std::string_view name) const { return const_cast<OrderedMap*>(this)->find(name); }
  bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// Error: there is no such name. A temporary returns by value, which is safe to keep.
  T& at(std::string_view name) & {
    if (T* found = find(name)) return *found;
    fail("there is no entry \"", name, "\".");
  }
  const T& at(std::string_view name) const& { return const_cast<OrderedMap*>(this)->at(name); }
  T at(std::string_view name) && { return std::move(at(name)); }
  T at(std::string_view name) const&& { return at(name); }

  /// The value of a name, which is appended if it does not exist.
  T& operator[](std::string_view name) { return try_emplace(name).first->second; }

  void set(std::string_view name, T value) { (*this)[name] = std::move(value); }

  /// Appends an entry unless one of that name exists; returns whether it was added.
  template <class... Args>
  std::pair<iterator, bool> try_emplace(std::string_view name, Args&&... args) {
    if (const iterator found = locate(name); found != end()) return {found, false};
    entries_.emplace_back(std::piecewise_construct, std::forward_as_tuple(name),
                          std::forward_as_tuple(std::forward<Args>(args)...));
    const iterator made = std::prev(end());
    index(made);
    return {made, true};
  }

  bool erase(std::string_view name) {
    const iterator found = locate(name);
    if (found == end()) return false;
    index_.erase(found->first);
    entries_.erase(found);
    return true;
  }

  void clear() {
    index_.clear();
    entries_.clear();
  }

  void swap(OrderedMap& other) noexcept {
    entries_.swap(other.entries_);
    index_.swap(other.index_);
  }

 private:
  // For few names a linear search is faster.
  static constexpr size_t kIndexedFrom = 9;

  iterator locate(std::string_view name) {
    if (!index_.empty()) {
      const auto found = index_.find(name);
      return found == index_.end() ? end() : found->second;
    }
    iterator at = begin();
    while (at != end() && at->first != name) ++at;
    return at;
  }

  void index(iterator made) {
    if (!index_.empty()) {
      index_.emplace(made->first, made);
    } else if (entries_.size() >= kIndexedFrom) {
      for (iterator at = begin(); at != end(); ++at) index_.emplace(at->first, at);
    }
  }

  Entries entries_;
  std::unordered_map<std::string_view, iterator> index_;  // of all entries; empty while there are few
};

}  // namespace bisque
