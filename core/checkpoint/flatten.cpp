#include <bisque/core/checkpoint/flatten.h>

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <bisque/core/checkpoint/value_text.h>
#include <bisque/core/error.h>

namespace bisque {
namespace {

bool holds_tensor(const List& items) {
  return std::any_of(items.begin(), items.end(), [](const Value& item) {
    const auto* tuple = item.get_if<Tuple>();
    return item.is<at::Tensor>() || (tuple && holds_tensor(*tuple));
  });
}

const List* list_of(const Value& value) {
  if (const auto* tuple = value.get_if<Tuple>()) return tuple;
  if (const auto* set = value.get_if<Set>()) return holds_tensor(*set) ? set : nullptr;
  return value.get_if<List>();
}

class Flattening {
 public:
  explicit Flattening(const std::string& where) : where_(where) {}

  void visit(const Value& value) {
    if (const std::string kind = container_kind(value); !kind.empty()) add(result.containers, kind);
    if (const auto* tensor = value.get_if<at::Tensor>()) {
      add(result.tensors, *tensor);
    } else if (const auto* dict = value.get_if<Dict>(); dict && !dict->empty()) {
      for (const auto& [name, item] : *dict) visit_below(name, value_text(name), item);
    } else if (const auto* items = value.get_if<Items>(); items && !items->empty()) {
      visit_items(*items);
    } else if (const List* list = list_of(value); list && !list->empty()) {
      size_t place = 0;
      for (const Value& item : *list) {
        const std::string text = std::to_string(place++);
        visit_below(text, text, item);
      }
    } else {
      add(result.values, value);
    }
  }

  Flattened result;

 private:
  void visit_items(const Items& items) {
    std::unordered_set<std::string> seen;
    for (const auto& [key, item] : items) {
      std::string index = value_text(key);
      // NaNs, and objects of other types, may have equal texts.
      if (!seen.insert(index).second) index += " at " + std::to_string(&item - &items[0].second);
      visit_below(plain_text(key), index, item);
    }
  }

  void visit_below(const std::string& name, const std::string& index, const Value& item) {
    const size_t path_size = path_.size(), indices_size = indices_.size();
    if (!path_.empty()) path_ += '.';
    path_ += name;
    indices_.append("[").append(index).append("]");
    visit(item);
    path_.resize(path_size);
    indices_.resize(indices_size);
  }

  template <class T>
  void add(std::vector<Leaf<T>>& leaves, const T& value) {
    constexpr size_t kFreeBytes = size_t{64} << 20, kBytesPerLeaf = 256;
    num_bytes_ += path_.size() + indices_.size();
    ++num_leaves_;
    if (num_bytes_ > kFreeBytes + kBytesPerLeaf * num_leaves_) {
      fail(where_, ": the paths of its values take more than ", num_bytes_ - path_.size() - indices_.size(),
           " bytes, expected shorter keys or fewer levels.");
    }
    leaves.push_back({path_, indices_, value});
  }

  const std::string& where_;
  std::string path_, indices_;
  size_t num_bytes_ = 0;
  size_t num_leaves_ = 0;
};

}  // namespace

Flattened flatten(const Value& value, const std::string& where) {
  Flattening flattening(where);
  flattening.visit(value);
  return std::move(flattening.result);
}

LeafNames leaf_names(const Flattened& flat) {
  std::unordered_map<std::string_view, size_t> counts;
  for (const auto& leaf : flat.tensors) ++counts[leaf.path];
  for (const auto& leaf : flat.values) ++counts[leaf.path];
  const auto name = [&](const auto& leaf) {
    return counts[leaf.path] > 1 || leaf.path.starts_with('[') ? leaf.indices : leaf.path;
  };
  LeafNames names;
  for (const auto& leaf : flat.tensors) names.tensors.push_back(name(leaf));
  for (const auto& leaf : flat.values) names.values.push_back(name(leaf));
  return names;
}

}  // namespace bisque
